using System.CommandLine;
using System.CommandLine.Help;
using IpuNet.Cli.Terminals;
using IpuNet.Service.Hosting;

namespace IpuNet.Cli.CommandLine;

/// <summary>All of <c>ipunet</c>: from the arguments to the exit code.</summary>
internal static class IpuNetCommandLine
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Terminal terminal, CancellationToken cancellation = default)
    {
        try
        {
            ParseResult parsed = Root(terminal).Parse(arguments);
            int code = await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = terminal.Output,
                    Error = terminal.Errors,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                },
                cancellation);
            return parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples ? ExitCode.Usage : code;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            terminal.Note("Stopped.");
            return ExitCode.Stopped;
        }
        catch (UsageException error)
        {
            terminal.Fail(error.Message);
            return ExitCode.Usage;
        }
        catch (Exception error)
        {
            return Say(error, arguments, terminal);
        }
    }

    /// <summary>Tells what ended a command, in one line; with <c>--verbose</c> also where it comes from.</summary>
    /// <returns>The exit code.</returns>
    public static int Say(Exception error, IReadOnlyList<string> arguments, Terminal terminal)
    {
        var failure = Failure.Of(error);
        terminal.Fail(failure.Text);
        if (VerboseOption.IsIn(arguments))
            terminal.Note(Failure.Trace(error));
        return failure.IsInternal ? ExitCode.Internal : ExitCode.SomeFailed;
    }

    private static RootCommand Root(Terminal terminal)
    {
        var root = new RootCommand("Recognises faces that are too small to recognise: super-resolution that keeps the identity, and a gallery of known people.");
        foreach (Command command in Commands(terminal))
            root.Subcommands.Add(command);
        root.Options.Add(VerboseOption.Create());
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    private static IEnumerable<Command> Commands(Terminal terminal) =>
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
        new LocalCloud.UpCommand(terminal),
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
        new Evaluate.EvaluateCommand(terminal),
        new Train.TrainCommand(terminal),
        new Export.ExportCommand(terminal),
        new Command("import", "Makes models of weights that others trained.")
        {
            new Import.ImportFaceApiCommand(terminal),
            new Import.ImportFaceNetCommand(terminal),
            new Import.ImportArcFaceCommand(terminal),
        },
        new ModelList.ModelsCommand(terminal),
        new Bench.BenchCommand(terminal),
        new Demo.DemoCommand(terminal),
    ];
}
