using IpuNet.CommandLine;
using IpuNet.Faces.Models;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Tests.ModelList;

public sealed class RegistryCommandTests(LocalStorage storage, AzuriteFixture azurite) : IClassFixture<LocalStorage>, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Models_PublishedPromotedAndRolledBack_StandInListAndHistory()
    {
        ModelStore store = TestModels.CopyTo(_folder.Folder("models"));
        ModelManifest first = store.Find("test-enhancer@1").Manifest;
        store.Install(first with { Version = 2 }, store.Find("test-enhancer@1").ReadVerified());

        foreach (string id in (string[])["test-enhancer@1", "test-enhancer@2"])
        {
            (await storage.RunAsync("models", "publish", id, "--models", store.Root)).Code.ShouldBe(ExitCode.Done);
            (await storage.RunAsync("models", "promote", id, "--reason", $"trying {id}")).Output.ShouldContain(id);
        }

        var list = await storage.RunAsync("models", "list");
        list.Output.ShouldContain("In use: test-enhancer@2.");
        var rollback = await storage.RunAsync("models", "rollback");
        rollback.Output.ShouldContain("Revision 3: test-enhancer@1");
        var history = await storage.RunAsync("models", "history");
        history.Output.ShouldContain("rollback to 1");
        history.Output.ShouldContain("trying test-enhancer@2");
        (await storage.RunAsync("models", "show", "test-enhancer@2")).Output.ShouldContain(first.Sha256);
        (await storage.RunAsync("models", "verify")).Code.ShouldBe(ExitCode.Done);

        await storage.Account.Container(StorageNames.Models).GetBlobClient("test-enhancer/2/model.onnx")
            .UploadAsync(BinaryData.FromBytes([1]), overwrite: true, TestContext.Current.CancellationToken);
        var damaged = await storage.RunAsync("models", "verify");
        damaged.Code.ShouldBe(ExitCode.SomeFailed);
        damaged.Errors.ShouldContain("models/test-enhancer/2/model.onnx: its SHA-256 is");
        (await storage.RunAsync("models", "promote", "test-enhancer@2")).Code.ShouldBe(ExitCode.SomeFailed);
    }

    [Fact]
    public async Task Verify_OfACurrentJsonThatWasChangedByHand_SaysSo()
    {
        var other = new LocalStorage(azurite);
        var current = new CurrentModels { Enhancer = "nobody@1" };
        await other.Account.Container(StorageNames.Models).GetBlobClient(StorageNames.CurrentModels)
            .UploadAsync(BinaryData.FromBytes(current.ToJson()), TestContext.Current.CancellationToken);

        var run = await other.RunAsync("models", "verify");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("nobody@1 is in use, and is not there");
        run.Errors.ShouldContain("was changed by hand");
    }

    [Fact]
    public async Task Show_OfNoModel_SaysHowToFindThem()
    {
        var run = await storage.RunAsync("models", "show", "nobody@1");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("ipunet models list");
    }
}
