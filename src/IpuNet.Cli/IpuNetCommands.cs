using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Programs;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.Cli;

/// <summary>All of <c>ipunet</c>.</summary>
internal static class IpuNetCommands
{
    public static TerminalProgram Program { get; } = new(
        "Recognises faces that are too small to recognise, by super-resolution that keeps the identity and a gallery of known people.", Of);

    internal static IEnumerable<Command> Of(Terminal terminal) =>
    [
        new Enhance.EnhanceCommand(terminal),
        new Galleries.EnrolCommand(terminal),
        new Identify.IdentifyCommand(terminal),
        new Verify.VerifyCommand(terminal),
        new Command(
            "gallery",
            "Lists and deletes the subjects of a gallery, re-embeds galleries, and copies a gallery from a folder into the service.")
        {
            new Galleries.GalleryListCommand(terminal),
            new Galleries.GalleryDeleteCommand(terminal),
            new Galleries.GalleryReembedCommand(terminal),
            new Galleries.GalleryUploadCommand(terminal),
        },
        new Up.UpCommand(terminal),
        new Cloud.UploadCommand(terminal),
        new Cloud.UploadTrainingCommand(terminal),
        new Command("enqueue", "Puts jobs into the queues of the service.")
        {
            new Cloud.EnqueueEnrolmentCommand(terminal),
            new Cloud.EnqueueBatchCommand(terminal),
            new Cloud.EnqueueRetrainingCommand(terminal),
        },
        new Cloud.StatusCommand(terminal),
        new Command("poison", "Shows the messages that the service could not handle, and requeues them.")
        {
            new Poison.PoisonListCommand(terminal),
            new Poison.PoisonShowCommand(terminal),
            new Poison.PoisonRequeueCommand(terminal),
        },
        new CommandElsewhere(CommandTitle.Evaluate, ProgramBeside.Trainer),
        new CommandElsewhere(CommandTitle.Train, ProgramBeside.Trainer),
        new CommandElsewhere(CommandTitle.Export, ProgramBeside.Trainer),
        new CommandElsewhere(CommandTitle.Import, ProgramBeside.Trainer),
        new Models.ModelsCommand(terminal),
        Models.RegistryCommand.Group(terminal),
        new CommandElsewhere(CommandTitle.Bench, ProgramBeside.Bench),
        new Demo.DemoCommand(terminal),
        new Completion.CompletionCommand(terminal),
    ];
}
