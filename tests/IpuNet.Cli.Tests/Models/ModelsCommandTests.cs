using System.Text.Json;
using IpuNet.CommandLine;
using IpuNet.Faces.Models;

namespace IpuNet.Cli.Tests.Models;

public sealed class ModelsCommandTests(TestModels models) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Verify_OfIntactModels_ListsEachWithItsOrigin()
    {
        var run = await models.RunAsync("models", "verify");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        foreach (string id in models.Store.Ids)
            run.Output.ShouldContain(id);
        run.Output.ShouldContain("@vladmandic/face-api@1.7.15");
        run.Output.ShouldContain("trained on nothing");
    }

    [Fact]
    public async Task List_WithJson_PrintsALineForEachModel()
    {
        var run = await models.RunAsync("models", "list", "--json");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        JsonElement[] rows = [.. run.JsonLines()];
        rows.Select(row => row.GetProperty("model").GetString()).ShouldBe(models.Store.Ids);
        foreach (JsonElement row in rows)
        {
            row.GetProperty("table").GetString().ShouldBe(models.Root);
            row.GetProperty("mb").GetDouble().ShouldBeGreaterThanOrEqualTo(0);
            row.GetProperty("inUse").GetString().ShouldBe("yes");
        }
    }

    [Fact]
    public async Task Show_OfAModel_PrintsItsManifest()
    {
        ModelManifest manifest = models.Store.Find("test-enhancer").Manifest;

        var run = await models.RunAsync("models", "show", "test-enhancer");

        JsonDocument.Parse(run.Output).RootElement.GetProperty("sha256").GetString().ShouldBe(manifest.Sha256);
    }

    [Fact]
    public async Task Verify_OfADamagedFile_ListsTheOthersAndExitsWith1()
    {
        ModelStore store = TestModels.CopyTo(_folder.Folder("models"));
        File.WriteAllBytes(store.Find("test-enhancer").Path, [1, 2, 3]);

        var run = await CommandRun.OfAsync("models", "verify", "--models", store.Root);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("The file is damaged or was replaced");
        run.Output.ShouldContain(store.Current.Recogniser!);
    }
}
