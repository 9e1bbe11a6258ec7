using System.CommandLine;
using IpuNet.Cli.CommandLine;
using IpuNet.Cli.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Data;
using IpuNet.Training.Experiments;
using IpuNet.Training.Losses;
using IpuNet.Training.Training;
using IpuNet.Training.WarmStart;
using TorchSharp;

namespace IpuNet.Cli.Train;

/// <summary><c>ipunet train</c>: trains an enhancer or a recogniser as an experiment says, or goes on with it.</summary>
internal sealed class TrainCommand : CliCommand
{
    private readonly Argument<string> _experiment = new("EXPERIMENT") { Description = "An experiment's file, or the name of one in models/experiments." };
    private readonly Option<string> _data = new("--data", "-d") { Description = "The folder that the experiment's sets lie in.", HelpName = "DIR", Required = true };
    private readonly Option<string?> _out = new("--out", "-o") { Description = "Folder of the run. Default: runs/{experiment}. A run that is there goes on.", HelpName = "DIR" };
    private readonly Option<int?> _steps = new("--steps") { Description = "Steps in all, in place of the experiment's.", HelpName = "N" };
    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads to train with.",
        DefaultValueFactory = _ => Environment.ProcessorCount,
        HelpName = "N",
    };

    private readonly ModelOptions _models;

    public TrainCommand(Terminal terminal)
        : base(terminal, "train", "Trains an enhancer, or a recogniser that learns from another, as an experiment says: its data, network, losses, schedule and validation. Stopped, it can go on.")
    {
        _steps.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 1)
                result.AddError("--steps is at least 1.");
        });
        _threads.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > 1024)
                result.AddError("--threads is 1 to 1024.");
        });
        Arguments.Add(_experiment);
        foreach (Option option in (Option[])[_data, _out, _steps, _threads])
            Options.Add(option);
        _models = new ModelOptions(this, runsModels: false);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet train default --data data/ --out runs/default", "Trains the shipped experiment. Ctrl-C saves; the same command goes on."),
        ("ipunet train facenet-small --data data/ --threads 1", "Trains a small FaceNet to embed faces as the shipped recogniser does, on one processor."),
        ("ipunet train mine.json --data data/ --steps 200", "A first look at an experiment of your own."),
    ];

    protected override async Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        ModelStore store = _models.Store(parsed);
        Experiment experiment = Load(parsed, store);
        string folder = parsed.GetValue(_out) ?? Path.Combine("runs", experiment.Name);
        torch.set_num_threads(parsed.GetValue(_threads));

        InstalledModel model = store.Find(experiment.Recogniser);
        using FrozenRecogniser recogniser = FrozenRecogniser.Open(model);
        var split = FaceSplit.Create(FaceSet.Find(experiment.Data, parsed.GetRequiredValue(_data)), experiment.Validation.People, experiment.Seed);
        AlignedFaces faces = await ReadAsync(experiment, split, cancellation);
        Func<WeightSet>? start = Start(experiment, store, faces);
        using Trainer trainer = await ProgressDisplay.RunAsync(
            Terminal,
            "faces embedded",
            faces.Count,
            progress => Task.Run(() => new Trainer(experiment, folder, faces, split, recogniser, model.Manifest.Sha256, start, Counting(progress), cancellation)));
        try
        {
            await RunAsync(trainer, experiment, cancellation);
        }
        catch (OperationCanceledException)
        {
            Terminal.Note($"Stopped at step {trainer.Step:N0} of {experiment.Schedule.Steps:N0}; it is saved in {folder}.");
            Terminal.Note($"Go on with: ipunet train {parsed.GetValue(_experiment)} --data {parsed.GetValue(_data)} --out {folder}{Steps(parsed)}");
            return ExitCode.Stopped;
        }
        catch (TrainingDivergedException error)
        {
            Terminal.Fail(error.Message);
            return ExitCode.SomeFailed;
        }

        Terminal.WriteLine($"Trained {trainer.Step:N0} steps; the run is in {folder}. Install its model with: ipunet export {folder}");
        return ExitCode.Done;
    }

    private Experiment Load(ParseResult parsed, ModelStore store)
    {
        string name = parsed.GetRequiredValue(_experiment);
        string shipped = Path.Combine(store.Root, "experiments", $"{name}.json");
        Experiment experiment = Experiment.Load(!File.Exists(name) && File.Exists(shipped) ? shipped : name);
        return parsed.GetValue(_steps) is { } steps ? experiment with { Schedule = experiment.Schedule with { Steps = steps } } : experiment;
    }

    // The model is looked up now, so that a wrong name is said before the faces are embedded.
    private static Func<WeightSet>? Start(Experiment experiment, ModelStore store, AlignedFaces faces)
    {
        if (experiment is not EnhancerExperiment { From: { } id } enhancer)
            return null;
        InstalledModel model = store.Find(id);
        return () => StartingWeights.Read(model, enhancer, faces);
    }

    private string Steps(ParseResult parsed) => parsed.GetValue(_steps) is { } steps ? $" --steps {steps}" : "";

    private async Task<AlignedFaces> ReadAsync(Experiment experiment, FaceSplit split, CancellationToken cancellation)
    {
        var unreadable = new UnreadableImages(Terminal);
        AlignedFaces faces = await ProgressDisplay.RunAsync(
            Terminal,
            "faces read",
            split.Training.Count,
            progress => Task.Run(() => AlignedFaces.Load(split.Training, experiment.Data.CacheMegabytes, unreadable.Add, Counting(progress), cancellation)));
        unreadable.Summarise();
        Terminal.WriteLine($"{faces.Count:N0} faces to learn from, {split.Validation.Count:N0} people kept for validation.");
        return faces;
    }

    private async Task RunAsync(Trainer trainer, Experiment experiment, CancellationToken cancellation)
    {
        var reports = new TrainingReports(Terminal);
        await ProgressDisplay.RunAsync(
            Terminal,
            "steps",
            experiment.Schedule.Steps,
            progress => Task.Run(
                () => trainer.RunAsync(
                    new Calling<TrainingProgress>(step => progress.Report(TrainingReports.Describe(step))), new Calling<ValidationResult>(reports.Show), cancellation)));
    }

    private static Calling<int> Counting(IProgress<ProgressCount> progress) => new(done => progress.Report(new ProgressCount(done)));

    // Unlike Progress<T> it calls at once and in order.
    private sealed class Calling<T>(Action<T> call) : IProgress<T>
    {
        public void Report(T value) => call(value);
    }
}
