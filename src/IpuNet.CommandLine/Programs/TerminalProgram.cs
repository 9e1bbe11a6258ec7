using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Help;
using System.Runtime.InteropServices;
using System.Text;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Faces.Privacy;
using IpuNet.Service.Hosting;

namespace IpuNet.CommandLine.Programs;

/// <summary>A program for the terminal: takes arguments, returns an exit code.</summary>
/// <param name="description">A sentence for the help.</param>
/// <param name="commands">Creates the commands.</param>
/// <param name="name">The program's own name. Its commands have the name by which users call them: <c>ipunet train</c>.</param>
public sealed class TerminalProgram(string description, Func<Terminal, IEnumerable<Command>> commands, string name = TerminalProgram.Called)
{
    // The user calls this program, whichever one runs the command.
    private const string Called = "ipunet";

    /// <summary>Runs the program at the console until it ends, or until Ctrl-C or SIGTERM stops it.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        ProcessPrivacy.KeepFilesPrivate();
        Console.OutputEncoding = Encoding.UTF8;
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var terminal = new Terminal(Console.Out, Console.Error);
        Failure.EndProcessQuietly(error => Report(error, arguments, terminal), ExitCode.SomeFailed);
        try
        {
            return await RunAsync(arguments, terminal, stop.Token);
        }
        finally
        {
            OnnxSession.EndAll();
        }

        void Stop(PosixSignalContext signal)
        {
            // The first signal lets the work in hand end; the second ends the process at once.
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
    }

    /// <summary>Runs the program within another one.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="terminal">The user's terminal.</param>
    /// <param name="cancellation">Stops the program.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, Terminal terminal, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(terminal);
        try
        {
            RootCommand root = Root(terminal, arguments);
            ParseResult parsed = root.Parse(arguments);
            if (parsed.CommandResult.Command is CommandElsewhere elsewhere)
                return await elsewhere.Program.RunAsync(arguments);
            if (parsed.CommandResult.Command == root)
                root.HelpName = name;
            if (parsed.GetResult(root.Directives.OfType<SuggestDirective>().Single()) is null
                && UsageFault.Of(parsed, arguments, NameOf) is { } fault)
            {
                terminal.Fail(fault.Error);
                terminal.Note(fault.Hint);
                return ExitCode.Usage;
            }

            using VerboseReport? report = VerboseOption.IsOn(parsed) ? new VerboseReport(terminal) : null;
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = terminal.Output,
                    Error = terminal.Errors,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                },
                cancellation);
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
            return Report(error, arguments, terminal);
        }
    }

    // Reports what ended a command in one line; with --verbose also the stack trace.
    private static int Report(Exception error, IReadOnlyList<string> arguments, Terminal terminal)
    {
        var failure = Failure.Of(error);
        terminal.Fail(failure.Text);
        if (VerboseOption.IsIn(arguments))
            terminal.Note(Failure.Trace(error));
        return failure.IsInternal ? ExitCode.Internal : ExitCode.SomeFailed;
    }

    private string NameOf(Command command)
    {
        string[] path = [.. PathOf(command)];
        return path is [] ? name : string.Join(' ', path.Prepend(Called));
    }

    private static IEnumerable<string> PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } above ? PathOf(above).Append(command.Name) : [];

    private RootCommand Root(Terminal terminal, IReadOnlyList<string> arguments)
    {
        var root = new RootCommand(description) { HelpName = Called };
        foreach (Command command in commands(terminal))
            root.Subcommands.Add(command);
        UsageFault.RefuseUnknownOptions(root, arguments);
        root.Options.Add(VerboseOption.Create());
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        // On Unix this is a path.
        if (!OperatingSystem.IsWindows())
        {
            foreach (string path in help.Aliases.Where(alias => alias.StartsWith('/')).ToArray())
                help.Aliases.Remove(path);
        }

        SuggestDirective suggest = root.Directives.OfType<SuggestDirective>().Single();
        suggest.Action = new SuggestAction(suggest);
        return root;
    }
}
