using IpuNet.CommandLine;
using IpuNet.Faces.Models;

namespace IpuNet.Trainer.Tests.Import;

public sealed class ImportFaceApiCommandTests(TestModels models) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Import_WithoutThePackage_SaysHowToGetIt()
    {
        var run = await models.RunAsync("import", "face-api");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("npm install");
    }

    [Fact]
    public async Task Import_ThePackage_MakesTheShippedModels()
    {
        ModelStore shipped = ModelStore.Locate();
        string package = await FetchedFaceApi.Package.PathAsync();
        string folder = _folder.Folder("models");

        var run = await CommandRun.OfAsync("import", "face-api", "--package", package, "--models", folder);

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        var imported = new ModelStore(folder);
        imported.Ids.Select(id => imported.Find(id).Manifest.Sha256).ShouldBe(imported.Ids.Select(id => shipped.Find(id).Manifest.Sha256));
    }
}
