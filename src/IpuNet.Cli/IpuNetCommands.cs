using System.CommandLine;
using IpuNet.CommandLine.Programs;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.Cli;

/// <summary>All of <c>ipunet</c>.</summary>
internal static class IpuNetCommands
{
    public static TerminalProgram Program { get; } = new(
        "Recognises faces that are too small to recognise: super-resolution that keeps the identity, and a gallery of known people.", Of);

    internal static IEnumerable<Command> Of(Terminal terminal) =>
    [
        new Enhance.EnhanceCommand(terminal),
        new Enrol.EnrollCommand(terminal),
        new Identify.IdentifyCommand(terminal),
        new Verify.VerifyCommand(terminal),
        new Command("gallery", "Says who is enrolled in a gallery, deletes subjects from it, and has a gallery of the service follow another recogniser.")
        {
            new Galleries.GalleryListCommand(terminal),
            new Galleries.GalleryDeleteCommand(terminal),
            new Galleries.GalleryReembedCommand(terminal),
        },
        new Up.UpCommand(terminal),
        new Cloud.UploadCommand(terminal),
        new Cloud.UploadTrainingCommand(terminal),
        new Command("enqueue", "Gives jobs to the service.")
        {
            new Cloud.EnqueueEnrolmentCommand(terminal),
            new Cloud.EnqueueBatchCommand(terminal),
            new Cloud.EnqueueRetrainingCommand(terminal),
        },
        new Cloud.StatusCommand(terminal),
        new Command("poison", "Shows what the service could not handle, and lets it try again.")
        {
            new Poison.PoisonListCommand(terminal),
            new Poison.PoisonShowCommand(terminal),
            new Poison.PoisonRequeueCommand(terminal),
        },
        new CommandElsewhere(CommandTitle.Evaluate, ProgramBeside.Trainer),
        new CommandElsewhere(CommandTitle.Train, ProgramBeside.Trainer),
        new CommandElsewhere(CommandTitle.Export, ProgramBeside.Trainer),
        new CommandElsewhere(CommandTitle.Import, ProgramBeside.Trainer),
        new ModelList.ModelsCommand(terminal),
        new CommandElsewhere(CommandTitle.Bench, ProgramBeside.Bench),
        new Demo.DemoCommand(terminal),
    ];
}
