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
        await FetchedFaceApi.Package.PathAsync();
        await AzuriteFixture.Package.PathAsync();
        Assert.SkipWhen(ModelStore.Locate().Current.Enhancer is null, "No enhancer is shipped.");

        var run = await CommandRun.OfAsync("demo", "--out", _folder["demo"]);

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldContain("Without super-resolution");
        run.Output.ShouldContain("With super-resolution");
        File.ReadAllText(_folder["demo/report.html"]).ShouldContain("data:image/jpeg;base64,");
        File.ReadAllText(_folder["demo/batch-report.html"]).ShouldContain("photo 1 person 1, photo 1, 12 px, view 1.png");
    }
}
