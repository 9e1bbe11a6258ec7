using IpuNet.Contract;
using IpuNet.Faces.Models;

namespace IpuNet.Service.Tests.Registry;

public sealed class ModelRegistryTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PublishAsync_OfAVersion_KeepsItWithItsChecksum()
    {
        RegistryRig rig = await RigAsync();
        await rig.PublishAsync("ipunet@10", model: [1]);
        await rig.PublishAsync("ipunet@9", model: [2]);
        await rig.PublishAsync("embedder@1", ModelKind.Recogniser);

        (await rig.Registry.IdsAsync(Cancellation)).ShouldBe(["embedder@1", "ipunet@9", "ipunet@10"]);
        (await rig.Registry.DownloadAsync("ipunet@9", Cancellation)).ReadVerified().ShouldBe([2]);
        (await rig.Registry.NextVersionAsync("ipunet", Cancellation)).ShouldBe(11);
    }

    [Fact]
    public async Task PublishAsync_OfTheSameTwice_ChangesNothing()
    {
        RegistryRig rig = await RigAsync();
        await rig.PublishAsync("ipunet@1");

        (await rig.PublishAsync("ipunet@1")).Id.ShouldBe("ipunet@1");
    }

    [Fact]
    public async Task PublishAsync_OfAVersionWithAnotherFile_IsRefusedAndNamesTheNext()
    {
        RegistryRig rig = await RigAsync();
        await rig.PublishAsync("ipunet@1", model: [1]);

        var error = await Should.ThrowAsync<FaceDataException>(() => rig.PublishAsync("ipunet@1", model: [2]));

        error.Message.ShouldContain("ipunet@2");
        (await rig.Registry.DownloadAsync("ipunet@1", Cancellation)).ReadVerified().ShouldBe([1]);
    }

    [Fact]
    public async Task PublishAsync_OfAVersionWithAnotherManifest_IsRefused()
    {
        RegistryRig rig = await RigAsync();
        await rig.PublishAsync("ipunet@1");

        await Should.ThrowAsync<FaceDataException>(
            () =>
                rig.Registry.PublishAsync(RegistryRig.Manifest("ipunet@1") with { Note = "other" }, new byte[] { 1, 2, 3 }, Cancellation));
    }

    [Fact]
    public async Task PublishAsync_AfterOneThatWasCutOff_TakesItUpOrTheNextVersion()
    {
        RegistryRig rig = await RigAsync();
        await rig.Blob("ipunet/1/model.onnx").UploadAsync(BinaryData.FromBytes([1, 2, 3]), Cancellation);

        (await rig.Registry.IdsAsync(Cancellation)).ShouldBeEmpty();
        (await rig.Registry.NextVersionAsync("ipunet", Cancellation)).ShouldBe(2);
        (await rig.PublishAsync("ipunet@1")).Id.ShouldBe("ipunet@1");
    }

    [Theory]
    [InlineData("../up")]
    [InlineData("Ipunet")]
    [InlineData("")]
    public async Task PublishAsync_OfANameThatIsNone_IsRefused(string name)
    {
        RegistryRig rig = await RigAsync();

        await Should.ThrowAsync<FaceDataException>(
            () => rig.Registry.PublishAsync(RegistryRig.Manifest("ipunet@1") with { Name = name }, new byte[] { 1 }, Cancellation));
    }

    [Fact]
    public async Task DownloadAsync_OfAFileThatWasReplaced_SaysSoWhenItIsRead()
    {
        RegistryRig rig = await RigAsync();
        await rig.PublishAsync("ipunet@1");
        await rig.Blob("ipunet/1/model.onnx").UploadAsync(BinaryData.FromBytes([9]), overwrite: true, Cancellation);

        InstalledModel model = await rig.Registry.DownloadAsync("ipunet@1", Cancellation);

        Should.Throw<FaceDataException>(model.ReadVerified).Message.ShouldContain("models/ipunet/1/model.onnx: its SHA-256 is");
    }

    [Fact]
    public async Task FindAsync_OfAManifestOfAnother_SaysSo()
    {
        RegistryRig rig = await RigAsync();
        await rig.Blob("ipunet/1/manifest.json").UploadAsync(BinaryData.FromBytes(RegistryRig.Manifest("ipunet@2").ToJson()), Cancellation);

        (await Should.ThrowAsync<FaceDataException>(() => rig.Registry.FindAsync("ipunet@1", Cancellation))).Message.ShouldContain(
            "is the manifest of 'ipunet@2'");
        (await rig.Registry.FindAsync("ipunet@7", Cancellation)).ShouldBeNull();
    }

    private async Task<RegistryRig> RigAsync() => new(await azurite.NewAccountAsync());
}
