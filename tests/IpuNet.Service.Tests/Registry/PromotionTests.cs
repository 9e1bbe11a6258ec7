using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Service.Registry;

namespace IpuNet.Service.Tests.Registry;

public sealed class PromotionTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CurrentAsync_OfAnAccountWithoutPromotions_SaysNothing()
    {
        RegistryRig rig = await RigAsync();

        (await rig.Registry.CurrentAsync(Cancellation)).ShouldBeNull();
        (await rig.Registry.HistoryAsync(Cancellation)).ShouldBeEmpty();
        await Should.ThrowAsync<FaceDataException>(() => rig.RollbackAsync());
    }

    [Fact]
    public async Task PromoteAsync_OfAVersion_PutsItInUseAndLeavesTheOtherKinds()
    {
        RegistryRig rig = await RigAsync();
        await rig.PublishAsync(RegistryRig.Recogniser, ModelKind.Recogniser);
        await rig.PromoteAsync("ipunet@1", RegistryRig.Recogniser);

        CurrentModels models = await rig.Registry.PromoteAsync(
            ["ipunet@2"], new ModelChangeRequest("job 7", "better below 20 px"), Cancellation);

        (models.Enhancer, models.Recogniser, models.Detector).ShouldBe(("ipunet@2", RegistryRig.Recogniser, null));
        (models.Change!.Revision, models.Change.By, models.Change.Reason, models.Change.Kind).ShouldBe(
            (2, "job 7", "better below 20 px", ModelChangeKind.Promote));
        (await rig.Registry.CurrentAsync(Cancellation)).ShouldBe(models);
        (await rig.Registry.HistoryAsync(Cancellation))[^1].ShouldBe(models);
    }

    [Fact]
    public async Task PromoteAsync_OfWhatIsInUse_ChangesNothing()
    {
        RegistryRig rig = await RigAsync();
        await rig.PromoteAsync("ipunet@1");

        (await rig.PromoteAsync("ipunet@1")).Change!.Revision.ShouldBe(1);
        (await rig.Registry.HistoryAsync(Cancellation)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task PromoteAsync_OfADamagedVersion_IsRefused()
    {
        RegistryRig rig = await RigAsync();
        await rig.PromoteAsync("ipunet@1");
        await rig.Blob("ipunet/2/model.onnx").UploadAsync(BinaryData.FromBytes([9]), overwrite: true, Cancellation);

        await Should.ThrowAsync<FaceDataException>(() => rig.PromoteAsync("ipunet@2"));
        (await rig.Registry.CurrentAsync(Cancellation))!.Enhancer.ShouldBe("ipunet@1");
    }

    [Theory]
    [InlineData("ipunet@7", "There is no model 'ipunet@7'")]
    [InlineData("ipunet", "cannot be a model's id")]
    [InlineData("ipunet@1 ipunet@2", "Promote only one of them")]
    [InlineData("ipunet@1 other@1", "calibrated with 'embedder@1'")]
    [InlineData("raw@1", "has no recognition policy")]
    public async Task PromoteAsync_OfWhatCannotBeUsed_SaysWhy(string ids, string expected)
    {
        RegistryRig rig = await RigAsync();
        await rig.PublishAsync("other@1", ModelKind.Recogniser);
        await rig.Registry.PublishAsync(RegistryRig.Manifest("raw@1") with { Policies = null }, new byte[] { 1 }, Cancellation);

        (await Should.ThrowAsync<FaceDataException>(() => rig.PromoteAsync(ids.Split(' ')))).Message.ShouldContain(expected);
        (await rig.Registry.CurrentAsync(Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task PromoteAsync_DecidedOnAnotherRevision_IsRefused()
    {
        RegistryRig rig = await RigAsync();
        await rig.PromoteAsync("ipunet@1");

        await Should.ThrowAsync<FaceDataException>(
            () => rig.Registry.PromoteAsync(["ipunet@2"], RegistryRig.Request with { IfRevision = 0 }, Cancellation));
        (await rig.Registry.PromoteAsync(["ipunet@2"], RegistryRig.Request with { IfRevision = 1 }, Cancellation)).Enhancer
            .ShouldBe("ipunet@2");
    }

    [Fact]
    public async Task RollbackAsync_AfterPromotions_GoesBackOneByOneToWhatWorkersWereGiven()
    {
        RegistryRig rig = await RigAsync();
        foreach (int version in (int[])[1, 2, 3])
            await rig.PromoteAsync($"ipunet@{version}");

        (await rig.RollbackAsync()).Enhancer.ShouldBe("ipunet@2");
        (await rig.RollbackAsync()).Enhancer.ShouldBe("ipunet@1");
        await rig.PromoteAsync("ipunet@3");
        (await rig.RollbackAsync()).Enhancer.ShouldBe("ipunet@1");
        (await rig.RollbackAsync()).Enhancer.ShouldBeNull();
        await Should.ThrowAsync<FaceDataException>(() => rig.RollbackAsync());
        (await rig.RollbackAsync(revision: 3)).Enhancer.ShouldBe("ipunet@3");

        (await rig.Registry.HistoryAsync(Cancellation)).Select(models => (models.Enhancer, models.Change!.Restores)).ShouldBe(
            [
                ("ipunet@1", null), ("ipunet@2", null), ("ipunet@3", null), ("ipunet@2", 2), ("ipunet@1", 1), ("ipunet@3", null),
                ("ipunet@1", 1), (null, 0), ("ipunet@3", 3),
            ]);
    }

    [Fact]
    public async Task RollbackAsync_ToNoRevision_SaysSo()
    {
        RegistryRig rig = await RigAsync();
        await rig.PromoteAsync("ipunet@1");

        (await Should.ThrowAsync<FaceDataException>(() => rig.RollbackAsync(revision: 5))).Message.ShouldContain("no revision 5");
    }

    [Fact]
    public async Task HistoryAsync_AfterSomebodyDiedBeforeTheLineWasWritten_HasTheChange()
    {
        RegistryRig rig = await RigAsync();
        await rig.PromoteAsync("ipunet@1");
        await rig.PromoteAsync("ipunet@2");
        string[] lines = await LinesAsync(rig);
        await rig.Blob(StorageNames.ModelHistory).DeleteAsync(cancellationToken: Cancellation);
        await new ModelHistory(rig.Account, TimeProvider.System).EnsureAsync(
            CurrentModels.FromJson(System.Text.Encoding.UTF8.GetBytes(lines[0]), "line"), Cancellation);

        (await rig.Registry.HistoryAsync(Cancellation)).Select(models => models.Enhancer).ShouldBe(["ipunet@1", "ipunet@2"]);
        await rig.PromoteAsync("ipunet@3");

        (await LinesAsync(rig)).Length.ShouldBe(3);
        (await LinesAsync(rig))[1].ShouldBe(lines[1]);
    }

    [Fact]
    public async Task PromoteAsync_AfterCurrentJsonWasRemoved_CountsOn()
    {
        RegistryRig rig = await RigAsync();
        await rig.PromoteAsync("ipunet@1");
        await rig.Blob(StorageNames.CurrentModels).DeleteAsync(cancellationToken: Cancellation);

        (await rig.PromoteAsync("ipunet@2")).Change!.Revision.ShouldBe(2);
        (await rig.Registry.HistoryAsync(Cancellation)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task CurrentSinceAsync_OfWhatWasSeen_SaysNothingUntilItChanges()
    {
        RegistryRig rig = await RigAsync();
        (await rig.Registry.CurrentSinceAsync(null, Cancellation)).ShouldBeNull();
        await rig.PromoteAsync("ipunet@1");

        SeenModels? seen = await rig.Registry.CurrentSinceAsync(null, Cancellation);
        (await rig.Registry.CurrentSinceAsync(seen, Cancellation)).ShouldBeSameAs(seen);
        await rig.PromoteAsync("ipunet@2");

        seen!.Models.Enhancer.ShouldBe("ipunet@1");
        (await rig.Registry.CurrentSinceAsync(seen, Cancellation))!.Models.Enhancer.ShouldBe("ipunet@2");
    }

    private static async Task<string[]> LinesAsync(RegistryRig rig) =>
        (await rig.Blob(StorageNames.ModelHistory).DownloadContentAsync(Cancellation)).Value.Content.ToString().Split(
            '\n', StringSplitOptions.RemoveEmptyEntries);

    private async Task<RegistryRig> RigAsync()
    {
        var rig = new RegistryRig(await azurite.NewAccountAsync());
        foreach (int version in (int[])[1, 2, 3])
            await rig.PublishAsync($"ipunet@{version}", model: [(byte)version]);
        return rig;
    }
}
