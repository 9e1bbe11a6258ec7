using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Training.Export;
using IpuNet.Training.Training;

using Trained = IpuNet.Training.Training.Trainer;

namespace IpuNet.Trainer.Export;

/// <summary><c>ipunet export</c>: installs the model of a training.</summary>
internal sealed class ExportCommand : CliCommand
{
    private const string EnhancerName = "ipunet", RecogniserName = "facenet", AlignerName = "face-aligner";

    private readonly Argument<string> _run = new("RUN") { Description = "Folder of a training, or one of its checkpoints." };
    private readonly Option<string?> _name = new("--name")
    {
        Description =
            $"Name of the model. Default: '{EnhancerName}', '{RecogniserName}' for a recogniser, '{AlignerName}' for an aligner.",
        HelpName = "NAME",
    };
    private readonly Option<int?> _version =
        new("--version") { Description = "Version of the model. Default: one above the highest.", HelpName = "N" };
    private readonly Option<bool> _current = new("--current") { Description = "Put the model in use." };
    private readonly Option<bool> _full =
        new("--float32") { Description = "Store the weights as float32. Default: float16, which takes half the size." };
    private readonly Option<string?> _licence = new("--licence")
    {
        Description = "Licence of the model, for the manifest. The terms of its training sets apply as well.",
        HelpName = "TEXT",
    };
    private readonly ModelArguments _models;

    public ExportCommand(Terminal terminal)
        : base(terminal, CommandTitle.Export)
    {
        Arguments.Add(_run);
        foreach (Option option in (Option[])[_name, _version.AtLeast(1), _current, _full, _licence])
            Options.Add(option);
        _models = new ModelArguments(this, runsModels: false);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        (
            "ipunet export runs/default --current",
            "Installs the checkpoint with the best validation as the next version of 'ipunet', and puts it in use."),
        ("ipunet export runs/default/checkpoint.safetensors --name trial", "Installs the last checkpoint under another name."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        ModelStore store = _models.Store(parsed);
        TrainedNetwork trained = TrainedNetwork.Read(CheckpointOf(parsed.GetRequiredValue(_run)));
        string name = parsed.GetValue(_name) ?? trained.Kind switch
        {
            ModelKind.Recogniser => RecogniserName,
            ModelKind.Aligner => AlignerName,
            _ => EnhancerName,
        };
        InstalledModel installed = store.Install(
            trained.ToManifest(name, parsed.GetValue(_version) ?? store.NextVersion(name)) with { Licence = parsed.GetValue(_licence) },
            trained.ToOnnx(parsed.GetValue(_full) ? WeightStorage.Full : WeightStorage.Half));
        if (parsed.GetValue(_current))
            store.Use(installed);
        Terminal.WriteLine($"{installed.Id}  {installed.Path}{(parsed.GetValue(_current) ? "  in use" : "")}");
        Terminal.Note(trained.Kind switch
        {
            ModelKind.Recogniser =>
                $"It has no thresholds yet: run `ipunet evaluate --recogniser {installed.Id} --write-policy`. Galleries have to be "
                + "re-embedded with it, or enrolled again.",
            ModelKind.Aligner => "The thresholds in use were measured without it: run `ipunet evaluate --write-policy`.",
            _ => "It has no policy yet: run `ipunet evaluate --write-policy`, which measures in which bands it helps.",
        });
        return Task.FromResult(ExitCode.Done);
    }

    private static string CheckpointOf(string run) => File.Exists(run)
        ? run
        : Trained.FindResult(run)
            ?? throw new FaceDataException(
                $"{run}: there is neither {Trained.BestFile} nor {Trained.CheckpointFile}. Name the --out folder of `ipunet train`.");
}
