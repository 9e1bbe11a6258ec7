using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Programs;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.Trainer;

/// <summary>All of <c>ipunet-trainer</c>: the commands of <c>ipunet</c> that need Torch.</summary>
internal static class TrainerCommands
{
    public static TerminalProgram Program { get; } = new(
        "Trains, imports, evaluates and exports the models of IpuNet.", Of, "ipunet-trainer");

    internal static IEnumerable<Command> Of(Terminal terminal) =>
    [
        new Evaluate.EvaluateCommand(terminal),
        new Train.TrainCommand(terminal),
        new Export.ExportCommand(terminal),
        new Command(CommandTitle.Import.Name, CommandTitle.Import.Description)
        {
            new Import.ImportFaceApiCommand(terminal),
            new Import.ImportRfbCommand(terminal),
            new Import.ImportFaceNetCommand(terminal),
            new Import.ImportArcFaceCommand(terminal),
        },
    ];
}
