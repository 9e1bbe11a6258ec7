using IpuNet.CommandLine;
using IpuNet.Faces.Models;

namespace IpuNet.Trainer.Tests.Train;

/// <summary>A recogniser's whole way: trained by distillation, exported, calibrated, and used for a gallery of its own.</summary>
public sealed class StudentTests : IDisposable
{
    private const int People = 6;

    private readonly TestFolder _folder = new();
    private readonly ModelStore _store;

    public StudentTests()
    {
        _store = TestModels.CopyTo(_folder.Folder("models"));
        for (int person = 0; person < People; person++)
        {
            for (int image = 0; image < 2; image++)
                _folder.WriteFace($"data/faces/p{person}/{image}.png", person + 10 * image);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Student_TrainedExportedAndCalibrated_IdentifiesWithThresholdsOfItsOwn()
    {
        _folder.WriteFace("people/ada/1.png", person: 1);
        _folder.WriteFace("people/bob/1.png", person: 2);
        string[] gallery = ["--gallery", _folder["gallery"], "--recogniser", "facenet"];

        var trained = await TrainAsync();
        var exported = await RunAsync("export", _folder["run"]);
        var enrolled = await RunAsync(["enrol", _folder["people"], .. gallery]);
        var without = await RunAsync(["identify", _folder["people/ada"], .. gallery]);
        var calibrated = await RunAsync(
            "evaluate", "--data", _folder["data"], "--images", "faces", "--crop", "whole", "--recogniser", "facenet", "--calibrate-people",
            "faces", "--far", "0.1",
            "--out", _folder["evaluation"], "--write-policy");
        var identified = await RunAsync(["identify", _folder["people/ada"], .. gallery]);

        trained.Code.ShouldBe(ExitCode.Done, trained.Errors);
        trained.Errors.ShouldContain("teacher");
        exported.Code.ShouldBe(ExitCode.Done, exported.Errors);
        exported.Errors.ShouldContain("--recogniser facenet@1");
        enrolled.Code.ShouldBe(ExitCode.Done, enrolled.Errors);
        without.Code.ShouldBe(ExitCode.SomeFailed);
        without.Errors.ShouldContain("say nothing about scores of 'facenet@1'");
        calibrated.Code.ShouldBe(ExitCode.Done, calibrated.Errors);
        calibrated.Output.ShouldContain($"The policy for facenet@1 is in the manifest of {_store.Current.Enhancer}.");
        identified.Code.ShouldBe(ExitCode.Done, identified.Errors);
        identified.Output.ShouldContain("ada");
    }

    [Fact]
    public async Task Student_Exported_SaysWhatItIsAndLeavesTheFormerRecogniserInUse()
    {
        await TrainAsync();
        string before = _store.Current.Recogniser!;

        await RunAsync("export", _folder["run"], "--licence", "mine");

        ModelManifest manifest = _store.Find("facenet").Manifest;
        (manifest.Kind, manifest.Dimensions, manifest.Architecture, manifest.Licence).ShouldBe(
            (ModelKind.Recogniser, 128, "inception-resnet-v1-128-per-image-narrow16", "mine"));
        manifest.Note.ShouldNotBeNull().ShouldContain($"distilled from {before}");
        manifest.TrainedOn.ShouldBe(["faces"]);
        _store.Current.Recogniser.ShouldBe(before);
    }

    [Fact]
    public async Task Evaluate_ForASecondRecogniser_LeavesTheThresholdsOfTheFirst()
    {
        await TrainAsync();
        await RunAsync("export", _folder["run"]);
        ModelManifest before = _store.FindCurrent(ModelKind.Enhancer).Manifest;
        string first = _store.Current.Recogniser!;

        await RunAsync(
            "evaluate", "--data", _folder["data"], "--images", "faces", "--crop", "whole", "--recogniser", "facenet", "--calibrate-people",
            "faces",
            "--out", _folder["evaluation"], "--write-policy");

        ModelManifest after = _store.FindCurrent(ModelKind.Enhancer).Manifest;
        after.RequirePolicy(first).ShouldBe(before.RequirePolicy(first));
        after.RequirePolicy("facenet@1").Far.ShouldBe(0.001);
    }

    [Fact]
    public async Task Evaluate_WithoutAnEnhancer_PutsThePolicyIntoTheRecognisersManifest()
    {
        string recogniser = _store.Current.Recogniser!;

        var run = await RunAsync(
            "evaluate", "--data", _folder["data"], "--images", "faces", "--crop", "whole", "--enhancer", "none", "--calibrate-people",
            "faces",
            "--out", _folder["evaluation"], "--write-policy");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        _store.Find(recogniser).Manifest.RequirePolicy(recogniser).Bands.ShouldAllBe(band => !band.Enhance);
    }

    [Fact]
    public async Task Enrol_AnotherPersonWithAnotherRecogniser_IsRefused()
    {
        await TrainAsync();
        await RunAsync("export", _folder["run"]);
        _folder.WriteFace("people/ada/1.png", person: 1);
        _folder.WriteFace("others/bob/1.png", person: 2);
        await RunAsync("enrol", _folder["people"], "--gallery", _folder["gallery"]);

        var mixed = await RunAsync("enrol", _folder["others"], "--gallery", _folder["gallery"], "--recogniser", "facenet");

        mixed.Code.ShouldBe(ExitCode.SomeFailed);
        mixed.Errors.ShouldContain("cannot be compared");
        Directory.GetFiles(_folder["gallery/subjects"]).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Enrol_EverybodyAnewWithAnotherRecogniser_IsDone()
    {
        await TrainAsync();
        await RunAsync("export", _folder["run"]);
        _folder.WriteFace("people/ada/1.png", person: 1);
        _folder.WriteFace("people/bob/1.png", person: 2);
        await RunAsync("enrol", _folder["people"], "--gallery", _folder["gallery"]);

        var anew = await RunAsync("enrol", _folder["people"], "--gallery", _folder["gallery"], "--recogniser", "facenet", "--replace");
        var listed = await CommandRun.OfAsync("gallery", "list", "--gallery", _folder["gallery"]);

        anew.Code.ShouldBe(ExitCode.Done, anew.Errors);
        listed.Output.ShouldContain("facenet@1");
        listed.Output.ShouldNotContain("dlib-resnet29");
    }

    private Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.OfAsync([.. arguments, "--models", _store.Root]);

    private Task<CommandRun> TrainAsync() =>
        RunAsync("train", _folder.Write("experiment.json", Experiment), "--data", _folder["data"], "--out", _folder["run"]);

    private const string Experiment = """
        {
          "name": "student",
          "student": { "dimensions": 128, "narrowing": 16, "standardisation": "perImage" },
          "data": { "sets": [ { "folder": "faces", "identities": true } ] },
          "degradation": { "sizes": ["128x128"] },
          "schedule": { "batch": 2, "steps": 2 },
          "validation": { "every": 2, "people": 2, "sizes": [32, 128] }
        }
        """;
}
