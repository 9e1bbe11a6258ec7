using IpuNet.CommandLine;
using IpuNet.Faces.Models;

namespace IpuNet.Cli.Tests.Demo;

public sealed class DemoCommandTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Demo_WithThePhotos_IdentifiesSmallFacesByTheServiceAndLeavesItsPages()
    {
        await AzuriteFixture.Package.PathAsync();
        Assert.SkipWhen(ModelStore.Locate().Current.Enhancer is null, "No enhancer is shipped.");
        await MakeModelsAsync("sample1.jpg", "sample2.jpg");

        var run = await CommandRun.OfAsync("demo", "--out", _folder["demo"], "--models", _folder["models"]);

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldContain("Without super-resolution");
        run.Output.ShouldContain("With super-resolution");
        File.ReadAllText(_folder["demo/report.html"]).ShouldContain("data:image/jpeg;base64,");
        File.ReadAllText(_folder["demo/batch-report.html"]).ShouldContain("photo 1, 12 px, view 1.jpg");
    }

    // The shipped models, and beside them some of the photos, as npm installs them: finding faces in all takes most of the time.
    private async Task MakeModelsAsync(params string[] photos)
    {
        string package = await FetchedFaceApi.Package.PathAsync(), npm = Path.GetFullPath(Path.Combine(package, "..", "..", ".."));
        TestModels.CopyShippedTo(new ModelStore(_folder.Folder("models")), Enum.GetValues<ModelKind>());
        string[] files =
        [
            "package.json", "node_modules/.package-lock.json",
            .. photos.Select(photo => $"node_modules/@vladmandic/face-api/demo/{photo}"),
        ];
        foreach (string file in files)
            _folder.Write($"models/{file}", await File.ReadAllBytesAsync(Path.Combine(npm, file), TestContext.Current.CancellationToken));
    }
}
