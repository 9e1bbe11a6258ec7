using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Retraining;
using IpuNet.Retraining.Preparation;
using IpuNet.Service.Storage;
using IpuNet.Trainer.Display;
using IpuNet.Training.Data;
using IpuNet.Training.Experiments;
using IpuNet.Training.Runs;
using IpuNet.Training.Training;
using TorchSharp;

namespace IpuNet.Trainer.Train;

/// <summary><c>ipunet train</c>: trains an enhancer or a recogniser, or resumes a training.</summary>
internal sealed class TrainCommand : CliCommand
{
    // Torch reads this variable unless the program sets a number.
    private const string ThreadsVariable = "OMP_NUM_THREADS";

    private readonly Argument<string?> _experiment = new("EXPERIMENT")
    {
        Description =
            "File of an experiment, or name of one in models/experiments. With --storage, the default is the job's experiment.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _data =
        new("--data", "-d") { Description = "Folder with the experiment's image sets.", HelpName = "DIR" };
    private readonly Option<string?> _out = new("--out", "-o")
    {
        Description = "Folder of the training. Default: runs/{experiment}. The command resumes a training that it finds there.",
        HelpName = "DIR",
    };
    private readonly Option<int?> _steps =
        new("--steps") { Description = "Number of steps, in place of the experiment's.", HelpName = "N" };
    private readonly Option<int> _threads = new("--threads")
    {
        Description = $"Threads for the training. Default: ${ThreadsVariable}, or one for each processor.",
        DefaultValueFactory = _ =>
            int.TryParse(Environment.GetEnvironmentVariable(ThreadsVariable), CultureInfo.InvariantCulture, out int wanted) && wanted > 0
            ? wanted
            : Environment.ProcessorCount,
        HelpName = "N",
    };

    private readonly Option<bool> _storage = new("--storage")
    {
        Description =
            "Work on the retraining jobs in the storage account: train a candidate on the container 'training', and promote it if it "
            + "passes the gate.",
    };

    private readonly Option<string> _work = new("--work")
    {
        Description = "With --storage: folder for images and trainings. You may delete it at any time.",
        DefaultValueFactory = _ => "retraining",
        HelpName = "DIR",
    };
    private readonly Option<int> _minFaces = Least("--min-faces", "training faces", new RetrainingMinimum().Faces);
    private readonly Option<int> _minPeople = Least("--min-people", "people to train on", new RetrainingMinimum().Identities);
    private readonly Option<int> _minJudges = Least(
        "--min-judges", "people with two images, for the calibration. The gate needs as many others", new RetrainingMinimum().Judges);
    private readonly Option<double?> _far = new("--far")
    {
        Description = "With --storage: false accept rate (FAR) of the candidate's thresholds. Default: that of the model in use.",
        HelpName = "RATE",
    };
    private readonly StorageArguments _account;
    private readonly ModelArguments _models;

    public TrainCommand(Terminal terminal)
        : base(terminal, CommandTitle.Train)
    {
        Arguments.Add(_experiment);
        Option[] options =
        [
            _data, _out, _steps.AtLeast(1), _threads.Within(1, 1024), _storage, _work, _minFaces, _minPeople, _minJudges,
            _far.Between(0, 1), new JsonOption(),
        ];
        foreach (Option option in options)
            Options.Add(option);
        _account = new StorageArguments(this, Terminal);
        _models = new ModelArguments(this, runsModels: false);
        _storage.Refuse(_data, _out);
        Option[] ofJobs = [_work, _minFaces, _minPeople, _minJudges, _far, .. _account.All];
        ofJobs.Need(_storage);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet train default --data data/ --out runs/default", "Trains the shipped experiment. Ctrl-C saves; the same command resumes."),
        (
            "ipunet train facenet-small --data data/ --threads 1",
            "Trains a small FaceNet to embed faces like the shipped recogniser, on one processor."),
        ("ipunet train aligner --data data/", "Trains the network that straightens small faces."),
        ("ipunet train mine.json --data data/ --steps 200", "Tries an experiment of your own."),
        ("ipunet train --storage", "Works on the retraining jobs of the local cloud."),
        ("ipunet train retrain --storage --account ipunetprod", "Retrains the model in use on the images in Azure."),
    ];

    private static Option<int> Least(string name, string what, int least) =>
        new Option<int>(name)
        {
            Description = $"With --storage: smallest number of {what}.",
            DefaultValueFactory = _ => least,
            HelpName = "N",
        }.AtLeast(1);

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        torch.set_num_threads(parsed.GetValue(_threads));
        return parsed.GetValue(_storage)
            ? _account.UsePatientlyAsync(parsed, account => TrainFromStorageAsync(parsed, account, cancellation))
            : TrainFromFolderAsync(parsed, cancellation);
    }

    private async Task<int> TrainFromStorageAsync(ParseResult parsed, StorageAccount account, CancellationToken cancellation)
    {
        var minimum = new RetrainingMinimum(parsed.GetValue(_minFaces), parsed.GetValue(_minPeople), parsed.GetValue(_minJudges));
        var settings = new RetrainingSettings(
            parsed.GetValue(_work)!, minimum, parsed.GetValue(_far), parsed.GetValue(_steps),
            new InferenceSettings { Threads = parsed.GetValue(_threads) });
        var consumer = new RetrainingConsumer(account, _models.Store(parsed), settings, new WorkDisplay(Terminal), TimeProvider.System);
        return await consumer.RunAsync(parsed.GetValue(_experiment), cancellation) switch
        {
            RetrainingEnd.Done => ExitCode.Done,
            RetrainingEnd.Stopped => ExitCode.Stopped,
            _ => ExitCode.SomeFailed,
        };
    }

    private async Task<int> TrainFromFolderAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string name = parsed.GetValue(_experiment) ?? throw new UsageException(
            "Name an experiment: a file, or one in models/experiments, such as 'default'.");
        string data = parsed.GetValue(_data) ?? throw new UsageException(
            "Name the folder with the experiment's image sets with --data, or train on images in storage with --storage.");
        ModelStore store = _models.Store(parsed);
        Experiment experiment = Experiment.Open(name, parsed.GetValue(_steps), store);
        string folder = parsed.GetValue(_out) ?? Path.Combine("runs", experiment.Name);
        // A wrong name of a model must fail before the faces are embedded, because that takes long.
        TrainingModels models = TrainingModels.Find(experiment, store);
        var display = new WorkDisplay(Terminal);
        var leftOut = new UnreadableImages(display);
        var runner = new TrainingRunner(experiment, models, folder, display);
        try
        {
            IReadOnlyList<TrainingFace> faces = FaceSet.Find(experiment.Data, data, leftOut.Add);
            leftOut.Summarise();
            await runner.RunAsync(faces, saved: null, cancellation);
        }
        catch (OperationCanceledException)
        {
            Terminal.Note($"Stopped at step {runner.Step:N0} of {experiment.Schedule.Steps:N0}. The training is saved in {folder}.");
            Terminal.Note(
                $"Resume it with: ipunet train {name} --data {data} --out {folder}"
                + (parsed.GetValue(_steps) is { } steps ? $" --steps {steps}" : ""));
            return ExitCode.Stopped;
        }
        catch (TrainingDivergedException error)
        {
            Terminal.Fail(error.Message);
            return ExitCode.SomeFailed;
        }

        Terminal.WriteLine($"Trained {runner.Step:N0} steps in {folder}. Install the model with: ipunet export {folder}");
        return leftOut.Any ? ExitCode.SomeFailed : ExitCode.Done;
    }
}
