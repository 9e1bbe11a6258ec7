using System.Text.Json;
using IpuNet.CommandLine;

namespace IpuNet.Benchmarks.Tests;

public sealed class BenchCommandTests(TestModels models)
{
    [Fact]
    public async Task Bench_AFewFaces_MeasuresEveryStep()
    {
        var run = await models.RunAsync("bench", "--faces", "2", "--repeats", "1");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        string[] steps =
        [
            "decode", "detect", "align", "enhance", "embed", "match", "encode", "all steps, 16 px crops", "a bare ONNX Runtime session",
            "dlib-resnet29@1", "facenet-512, random weights", "23,482,624",
        ];
        foreach (string step in steps)
            run.Output.ShouldContain(step);
    }

    [Fact]
    public async Task BenchService_AFewImages_MeasuresThemFromEndToEnd()
    {
        await AzuriteFixture.Package.PathAsync();

        var run = await models.RunAsync("bench", "service", "--images", "20");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        string[] parts =
            ["the pipeline alone, before", "the service", "From upload to result", "download", "write", "report", "working set"];
        foreach (string part in parts)
            run.Output.ShouldContain(part);
    }

    [Fact]
    public async Task BenchSearch_ASmallGallery_ComparesWithTheMachine()
    {
        var run = await CommandRun.OfAsync("bench", "search", "--vectors", "2000", "--queries", "8", "--repeats", "1");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldContain("2,000 vectors of 128");
        run.Output.ShouldContain("GFLOP/s");
    }

    [Fact]
    public async Task BenchSearch_WithJson_IsALineForEachMeasurement()
    {
        var run = await CommandRun.OfAsync("bench", "search", "--vectors", "2000", "--queries", "8", "--repeats", "1", "--json");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        JsonElement[] lines =
            [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];
        lines.Select(line => line.GetProperty("queries").GetInt32()).ShouldBe([1, 8]);
        lines.ShouldAllBe(line => line.GetProperty("ms").ValueKind == JsonValueKind.Number);
    }

    [Fact]
    public async Task BenchScaling_OfAWorkerAsMeasured_SaysWhatToSet()
    {
        var run = await CommandRun.OfAsync("bench", "scaling", "--images-per-second", "1000", "--cold-start", "30");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldContain("maxWorkers");
        run.Output.ShouldContain("a backlog of 1,000,000");
    }

    [Fact]
    public async Task BenchScaling_OfAWorkerThatIsTooSlow_FailsAndSaysSo()
    {
        var run = await CommandRun.OfAsync("bench", "scaling", "--images-per-second", "1", "--cold-start", "3600");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("No setting is quick enough");
    }

    [Fact]
    public async Task BenchLife_ATrainingThatIsRefused_ChecksTheResultsAndSaysThatThereWasNoSwitch()
    {
        await AzuriteFixture.Package.PathAsync();
        using var folder = new TestFolder();
        TestModels.CopyTo(folder.Folder("models"));
        folder.Write(
            "models/experiments/test.json",
            """
            { "name": "test", "data": { "sets": [ { "folder": "training", "identities": true } ] }, "network": { "width": 2 } }
            """);
        for (int person = 0; person < 4; person++)
        {
            foreach (string name in (string[])[$"people/p{person}/1.png", $"others/o{person}/1.png"])
                folder.WriteFace(name, person);
        }

        var run = await CommandRun.OfAsync(
            "bench", "life", folder["people"], "--fixed", folder["others"], "--from", "test-enhancer", "--experiment", "test", "--kills",
            "0", "--models", folder["models"]);

        run.Code.ShouldBe(ExitCode.NotShown, run.Errors);
        run.Output.ShouldContain("refused");
        run.Output.ShouldContain("by test-enhancer@1");
    }
}
