using IpuNet.CommandLine;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Service.Retraining;
using IpuNet.Training.Training;

namespace IpuNet.Trainer.Tests.Train;

public sealed class TrainCommandTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ModelStore _store;

    public TrainCommandTests()
    {
        _store = TestModels.CopyTo(_folder.Folder("models"));
        for (int person = 0; person < 4; person++)
        {
            for (int image = 0; image < 2; image++)
                _folder.WriteFace($"data/faces/p{person}/{image}.png", person + 10 * image);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_ThenExport_InstallsAModelThatEnhances()
    {
        for (int person = 0; person < 4; person++)
            _folder.Write($"data/faces/p{person}/broken.png", "no image");
        _folder.WriteFace("in/a.png", person: 1, size: 16);

        var trained = await TrainAsync(Experiment());
        var exported = await CommandRun.OfAsync(
            "export", _folder["run"], "--name", "trial", "--licence", "mine", "--current", "--models", _store.Root);
        var enhanced = await CommandRun.OfAsync("enhance", _folder["in"], "--out", _folder["out"], "--models", _store.Root);

        trained.Code.ShouldBe(ExitCode.Done, trained.Errors);
        trained.Errors.ShouldContain("broken.png");
        trained.Errors.ShouldContain("2 images cannot be read and are left out.");
        trained.Errors.ShouldContain("Validation at step 2");
        exported.Code.ShouldBe(ExitCode.Done, exported.Errors);
        _store.Current.Enhancer.ShouldBe("trial@1");
        _store.Find("trial").Manifest.TrainedOn.ShouldBe(["faces"]);
        _store.Find("trial").Manifest.Licence.ShouldBe("mine");
        enhanced.Code.ShouldBe(ExitCode.Done, enhanced.Errors);
    }

    [Fact]
    public async Task Train_Stopped_SavesAndSaysHowToGoOn()
    {
        using var stop = new CancellationTokenSource();
        Task<CommandRun> training = CommandRun.OfAsync(stop.Token, Command(Experiment(steps: 100_000)));
        while (!File.Exists(_folder[$"run/{StoredTraining.CheckpointFile}"]) && !training.IsCompleted)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        await stop.CancelAsync();

        var run = await training;

        run.Code.ShouldBe(ExitCode.Stopped, run.Errors);
        run.Errors.ShouldContain(
            $"Resume it with: ipunet train {_folder["experiment.json"]} --data {_folder["data"]} --out {_folder["run"]}");
    }

    [Fact]
    public async Task Train_OverACheckpointOfAnotherNetwork_SaysSo()
    {
        await TrainAsync(Experiment(width: 2));

        var run = await TrainAsync(Experiment(width: 3));

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("the checkpoint is of another network");
    }

    [Fact]
    public async Task Train_FromANarrowerModel_GoesOnFromIt()
    {
        await TrainAsync(Experiment());
        await CommandRun.OfAsync("export", _folder["run"], "--name", "trial", "--models", _store.Root);

        var run = await CommandRun.OfAsync(Command(Experiment(width: 3, from: "trial@1"), "wider"));

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        TrainedNetwork.Read(_folder[$"wider/{StoredTraining.CheckpointFile}"]).Network.ShouldBeOfType<UNet>().Options.Width.ShouldBe(3);
    }

    [Fact]
    public async Task Train_FromAWiderModel_SaysWhatToChange()
    {
        await TrainAsync(Experiment(width: 3));
        await CommandRun.OfAsync("export", _folder["run"], "--name", "trial", "--models", _store.Root);

        var run = await CommandRun.OfAsync(Command(Experiment(width: 2, from: "trial@1"), "narrower"));

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("trial@1: experiment 'test' cannot start from it");
        run.Errors.ShouldContain("'from'");
    }

    [Fact]
    public async Task Train_AnAlignerOnPhotosWithoutFaces_SaysWhatItNeeds()
    {
        InstalledModel landmarks = ModelStore.Locate().Find("face-landmark-68@1");
        _store.Install(landmarks.Manifest, landmarks.ReadVerified());

        var run = await TrainAsync(
            """{ "name": "aligner", "aligner": {}, "data": { "sets": [ { "folder": "faces", "identities": true } ] } }""");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("No training photo has one face near the middle");
    }

    [Fact]
    public async Task Train_AnExperimentThatIsNotThere_SaysSo()
    {
        var run = await CommandRun.OfAsync("train", "nothing.json", "--data", _folder["data"], "--models", _store.Root);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("nothing.json");
    }

    [Fact]
    public async Task Export_AFolderWithoutACheckpoint_SaysWhatToGive()
    {
        var run = await CommandRun.OfAsync("export", _folder["data"], "--models", _store.Root);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("ipunet train");
    }

    private static string Experiment(int steps = 2, int width = 2, string? from = null) => $$"""
        {
          "name": "test",
          "from": {{(from is null ? "null" : $"\"{from}\"")}},
          "data": { "sets": [ { "folder": "faces", "identities": true } ] },
          "network": { "width": {{width}} },
          "schedule": { "batch": 2, "steps": {{steps}}, "checkpointEvery": 1 },
          "validation": { "every": 2, "people": 2, "sizes": [16], "pictures": 1 }
        }
        """;

    private Task<CommandRun> TrainAsync(string experiment) => CommandRun.OfAsync(Command(experiment));

    private string[] Command(string experiment, string run = "run") =>
        ["train", _folder.Write("experiment.json", experiment), "--data", _folder["data"], "--out", _folder[run], "--models", _store.Root];
}
