using IpuNet.CommandLine;
using IpuNet.Contract;
using IpuNet.Faces.Models;

namespace IpuNet.Cli.Tests.Models;

public sealed class RegistryCommandTests(LocalStorage storage, AzuriteFixture azurite) : IClassFixture<LocalStorage>, IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Registry_AfterPublishPromoteAndRollback_ShowsThemInListAndHistory()
    {
        ModelStore store = TestModels.CopyTo(_folder.Folder("models"));
        ModelManifest first = store.Find("test-enhancer@1").Manifest;
        store.Install(first with { Version = 2 }, store.Find("test-enhancer@1").ReadVerified());

        foreach (string id in (string[])["test-enhancer@1", "test-enhancer@2"])
        {
            (await storage.RunAsync("registry", "publish", id, "--models", store.Root)).Code.ShouldBe(ExitCode.Done);
            (await storage.RunAsync("registry", "promote", id, "--reason", $"trying {id}")).Output.ShouldContain(id);
        }

        var list = await storage.RunAsync("registry", "list");
        list.Output.ShouldContain("In use: test-enhancer@2.");
        var rollback = await storage.RunAsync("registry", "rollback");
        rollback.Output.ShouldContain("Revision 3: test-enhancer@1");
        var json = await storage.RunAsync("registry", "list", "--json");
        json.JsonLines().Select(row => row.GetProperty("model").GetString()).ShouldBe(["test-enhancer@1", "test-enhancer@2"]);
        json.Errors.ShouldContain("In use: ");
        var history = await storage.RunAsync("registry", "history");
        history.Output.ShouldContain("rollback to 1");
        history.Output.ShouldContain("trying test-enhancer@2");
        (await storage.RunAsync("registry", "show", "test-enhancer@2")).Output.ShouldContain(first.Sha256);
        (await storage.RunAsync("registry", "verify")).Code.ShouldBe(ExitCode.Done);

        await storage.Account.Container(StorageNames.Models).GetBlobClient("test-enhancer/2/model.onnx")
            .UploadAsync(BinaryData.FromBytes([1]), overwrite: true, TestContext.Current.CancellationToken);
        var damaged = await storage.RunAsync("registry", "verify");
        damaged.Code.ShouldBe(ExitCode.SomeFailed);
        damaged.Errors.ShouldContain("models/test-enhancer/2/model.onnx: its SHA-256 is");
        (await storage.RunAsync("registry", "promote", "test-enhancer@2")).Code.ShouldBe(ExitCode.SomeFailed);
    }

    [Fact]
    public async Task Verify_OfACurrentJsonThatWasChangedByHand_SaysSo()
    {
        var other = new LocalStorage(azurite);
        var current = new CurrentModels { Enhancer = "nobody@1" };
        await other.Account.Container(StorageNames.Models).GetBlobClient(StorageNames.CurrentModels)
            .UploadAsync(BinaryData.FromBytes(current.ToJson()), TestContext.Current.CancellationToken);

        var run = await other.RunAsync("registry", "verify");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("nobody@1 is in use but is not in storage");
        run.Errors.ShouldContain("was changed by hand");
    }

    [Fact]
    public async Task Show_OfAMissingModel_NamesTheCommandThatListsThem()
    {
        var run = await storage.RunAsync("registry", "show", "nobody@1");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("ipunet registry list");
    }
}
