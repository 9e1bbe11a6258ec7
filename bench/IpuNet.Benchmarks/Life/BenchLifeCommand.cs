using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;

namespace IpuNet.Benchmarks.Life;

/// <summary><c>ipunet bench life</c>: the life of a model as a whole, on this machine and under load.</summary>
internal sealed class BenchLifeCommand : CliCommand
{
    private readonly Argument<string> _people = new("PEOPLE") { Description = "A folder with one folder for each person to learn from." };
    private readonly Option<string> _fixed = new("--fixed") { Description = "The same for people that are never learned from. Their images have to be aligned faces: they are uploaded as crops.", Required = true, HelpName = "DIR" };
    private readonly Option<string?> _from = new("--from") { Description = "An installed enhancer to begin with. Default: one with random weights.", HelpName = "ID" };
    private readonly Option<string> _experiment = new("--experiment", "-e") { Description = "The experiment that is trained.", DefaultValueFactory = _ => "retrain", HelpName = "NAME" };
    private readonly Option<int> _steps = new("--steps") { Description = "Steps in place of the experiment's.", DefaultValueFactory = _ => 300, HelpName = "N" };
    private readonly Option<int> _kills = new("--kills") { Description = "How often the training is killed hard, at random moments.", DefaultValueFactory = _ => 2, HelpName = "N" };
    private readonly Option<int> _rate = new("--rate") { Description = "Crops uploaded a second.", DefaultValueFactory = _ => 10, HelpName = "N" };
    private readonly Option<string?> _models = new("--models") { Description = $"Folder of the models. Default: ${ModelStore.LocationVariable}, or the folder 'models' at the program or above it.", HelpName = "DIR" };

    public BenchLifeCommand(Terminal terminal)
        : base(terminal, "life", "Lives through a retraining under load on this machine: uploads, a training that is killed, its judgement, the switch and the rollback; and checks that nothing is lost or mixed.")
    {
        Arguments.Add(_people);
        foreach (Option option in (Option[])[_fixed, _from, _experiment, _steps.AtLeast(1), _kills.Within(0, 100), _rate.Within(1, 1000), _models])
            Options.Add(option);
    }

    public override IReadOnlyList<(string, string)> Examples =>
    [
        ("ipunet bench life people/ --fixed others/", "Takes some minutes. Exit code 3: the new model was not better, so there was no switch."),
        ("ipunet bench life people/ --fixed others/ --from ipunet@3 --kills 0", "Begins with the shipped enhancer."),
    ];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation)
    {
        string people = Folder(parsed.GetRequiredValue(_people)), others = Folder(parsed.GetRequiredValue(_fixed));
        ModelStore store = parsed.GetValue(_models) is { } folder ? new ModelStore(Folder(folder)) : ModelStore.Locate();
        var settings = new LifeSettings(people, others, parsed.GetValue(_from), parsed.GetValue(_experiment)!, parsed.GetValue(_steps), parsed.GetValue(_kills), parsed.GetValue(_rate));
        return new LifeBenchmark(store, settings, Terminal).RunAsync(cancellation);
    }

    private static string Folder(string path) => Directory.Exists(path) ? path : throw new UsageException($"{path}: there is no such folder.");
}

/// <summary>What <c>ipunet bench life</c> is asked for.</summary>
/// <param name="People">Folder of the people to learn from.</param>
/// <param name="Fixed">Folder of the others.</param>
/// <param name="From">The installed enhancer that it begins with; null for one with random weights.</param>
/// <param name="Experiment">The experiment.</param>
/// <param name="Steps">Its steps.</param>
/// <param name="Kills">How often the training is killed.</param>
/// <param name="Rate">Uploads a second.</param>
internal sealed record LifeSettings(string People, string Fixed, string? From, string Experiment, int Steps, int Kills, int Rate);
