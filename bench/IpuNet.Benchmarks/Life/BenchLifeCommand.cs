using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;

namespace IpuNet.Benchmarks.Life;

/// <summary><c>ipunet bench life</c>: runs the whole life of a model on this machine, under load.</summary>
internal sealed class BenchLifeCommand : CliCommand
{
    private readonly Argument<string> _people = new("PEOPLE") { Description = "A folder with one folder for each person to train on." };
    private readonly Option<string> _fixed = new("--fixed")
    {
        Description = "A folder with one folder for each person of the gate. The images must be aligned faces.",
        Required = true,
        HelpName = "DIR",
    };
    private readonly Option<string?> _from =
        new("--from") { Description = "An enhancer on this machine to start with. Default: one with random weights.", HelpName = "ID" };
    private readonly Option<string> _experiment = new("--experiment", "-e")
    {
        Description = "The experiment that describes the training.",
        DefaultValueFactory = _ => "retrain",
        HelpName = "NAME",
    };
    private readonly Option<int> _steps =
        new("--steps") { Description = "Number of steps, in place of the experiment's.", DefaultValueFactory = _ => 300, HelpName = "N" };
    private readonly Option<int> _kills = new("--kills")
    {
        Description = "Number of times to kill the training, at random moments.",
        DefaultValueFactory = _ => 2,
        HelpName = "N",
    };
    private readonly Option<int> _rate =
        new("--rate") { Description = "Crops to upload in a second.", DefaultValueFactory = _ => 10, HelpName = "N" };
    private readonly Option<string?> _models = new("--models")
    {
        Description = $"Folder of the models. Default: ${ModelStore.LocationVariable}, or the folder 'models' beside or above the program.",
        HelpName = "DIR",
    };

    public BenchLifeCommand(Terminal terminal)
        : base(
            terminal, "life",
            "Runs a retraining job under load on this machine: uploads, a training that is killed, the gate, the promotion and a rollback. "
            + "Checks that no result is lost, and that no result mixes two models.")
    {
        Arguments.Add(_people);
        Option[] options =
        [
            _fixed, _from, _experiment, _steps.AtLeast(1), _kills.Within(0, 100), _rate.Within(1, 1000), _models, new JsonOption(),
        ];
        foreach (Option option in options)
            Options.Add(option);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet bench life people/ --fixed others/", "Takes some minutes. Exit code 3 if the candidate did not pass the gate."),
        ("ipunet bench life people/ --fixed others/ --from ipunet@3 --kills 0", "Starts with the shipped enhancer."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string people = Folder(parsed.GetRequiredValue(_people)), others = Folder(parsed.GetRequiredValue(_fixed));
        ModelStore store = parsed.GetValue(_models) is { } folder ? new ModelStore(Folder(folder)) : ModelStore.Locate();
        var settings = new LifeSettings(
            people, others, parsed.GetValue(_from), parsed.GetValue(_experiment)!, parsed.GetValue(_steps), parsed.GetValue(_kills),
            parsed.GetValue(_rate));
        return new LifeBenchmark(store, settings, Terminal).RunAsync(cancellation);
    }

    private static string Folder(string path) =>
        Directory.Exists(path) ? path : throw new UsageException($"{path}: no such folder.");
}

/// <summary>The settings of <c>ipunet bench life</c>.</summary>
/// <param name="People">Folder of the people to train on.</param>
/// <param name="Fixed">Folder of the people of the gate.</param>
/// <param name="From">The first enhancer; null for one with random weights.</param>
/// <param name="Experiment">Name of the experiment.</param>
/// <param name="Steps">Number of steps.</param>
/// <param name="Kills">Number of times to kill the training.</param>
/// <param name="Rate">Uploads in a second.</param>
internal sealed record LifeSettings(string People, string Fixed, string? From, string Experiment, int Steps, int Kills, int Rate);
