using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Programs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Models;
using IpuNet.Training.Export;
using IpuNet.Training.Training;

using Trained = IpuNet.Training.Training.Trainer;

namespace IpuNet.Trainer.Export;

/// <summary><c>ipunet export</c>: makes an installed model of a training run.</summary>
internal sealed class ExportCommand : CliCommand
{
    private const string EnhancerName = "ipunet", RecogniserName = "facenet";

    private readonly Argument<string> _run = new("RUN") { Description = "The folder of a training run, or one of its checkpoints." };
    private readonly Option<string?> _name = new("--name") { Description = $"The model's name. Default: '{EnhancerName}', or '{RecogniserName}' for a recogniser.", HelpName = "NAME" };
    private readonly Option<int?> _version = new("--version") { Description = "The model's version. Default: one more than the last.", HelpName = "N" };
    private readonly Option<bool> _current = new("--current") { Description = "Put it in use at once." };
    private readonly Option<bool> _full = new("--float32") { Description = "Store the weights in full; by default they are stored as float16, in half the size." };
    private readonly Option<string?> _licence = new("--licence") { Description = "The model's licence, for the manifest; the terms of its training sets hold for it too.", HelpName = "TEXT" };
    private readonly ModelOptions _models;

    public ExportCommand(Terminal terminal)
        : base(terminal, CommandTitle.Export)
    {
        Arguments.Add(_run);
        foreach (Option option in (Option[])[_name, _version, _current, _full, _licence])
            Options.Add(option);
        _models = new ModelOptions(this, runsModels: false);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet export runs/default --current", "The checkpoint that was best in validation becomes the next version of 'ipunet', in use from now on."),
        ("ipunet export runs/default/checkpoint.safetensors --name trial", "The last checkpoint, as a model of another name."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        ModelStore store = _models.Store(parsed);
        TrainedNetwork trained = TrainedNetwork.Read(CheckpointOf(parsed.GetRequiredValue(_run)));
        string name = parsed.GetValue(_name) ?? (trained.Kind == ModelKind.Recogniser ? RecogniserName : EnhancerName);
        InstalledModel installed = store.Install(
            trained.ToManifest(name, parsed.GetValue(_version) ?? store.NextVersion(name)) with { Licence = parsed.GetValue(_licence) },
            trained.ToOnnx(parsed.GetValue(_full) ? WeightStorage.Full : WeightStorage.Half));
        if (parsed.GetValue(_current))
            store.Use(installed);
        Terminal.WriteLine($"{installed.Id}  {installed.Path}{(parsed.GetValue(_current) ? "  in use" : "")}");
        Terminal.Note(trained.Kind == ModelKind.Recogniser
            ? $"The thresholds of its scores are not measured yet: run `ipunet evaluate --recogniser {installed.Id} --write-policy`. Galleries of another recogniser cannot be searched with it."
            : "Which faces it helps is not measured yet: run `ipunet evaluate --write-policy`.");
        return Task.FromResult(ExitCode.Done);
    }

    private static string CheckpointOf(string run) => File.Exists(run)
        ? run
        : Trained.FindResult(run)
            ?? throw new FaceDataException($"{run}: there is no {Trained.BestFile} or {Trained.CheckpointFile} in it. Give the --out folder of `ipunet train`.");
}
