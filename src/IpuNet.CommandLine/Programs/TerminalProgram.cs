using System.CommandLine;
using System.CommandLine.Help;
using System.Runtime.InteropServices;
using System.Text;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Faces.Privacy;
using IpuNet.Service.Hosting;

namespace IpuNet.CommandLine.Programs;

/// <summary>A program at a terminal: from the arguments to the exit code.</summary>
/// <param name="description">What it does, for its help.</param>
/// <param name="commands">Makes its commands.</param>
public sealed class TerminalProgram(string description, Func<Terminal, IEnumerable<Command>> commands)
{
    // Whichever program does a command: this is the one that the user calls.
    private const string Name = "ipunet";

    /// <summary>Runs it as this process: at the console, until it is done or stopped by Ctrl-C or SIGTERM.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        ProcessPrivacy.KeepFilesPrivate();
        Console.OutputEncoding = Encoding.UTF8;
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var terminal = new Terminal(Console.Out, Console.Error);
        Failure.EndProcessQuietly(error => Say(error, arguments, terminal), ExitCode.SomeFailed);
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
            // The first time what is in hand is brought to an end; the second time the process ends at once.
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
    }

    /// <summary>Runs it within a process.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="terminal">What the user sees.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, Terminal terminal, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(terminal);
        try
        {
            ParseResult parsed = Root(terminal).Parse(arguments);
            if (parsed.CommandResult.Command is CommandElsewhere elsewhere)
                return await elsewhere.Program.RunAsync(arguments);
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

    // Tells what ended a command, in one line; with --verbose also where it comes from.
    private static int Say(Exception error, IReadOnlyList<string> arguments, Terminal terminal)
    {
        var failure = Failure.Of(error);
        terminal.Fail(failure.Text);
        if (VerboseOption.IsIn(arguments))
            terminal.Note(Failure.Trace(error));
        return failure.IsInternal ? ExitCode.Internal : ExitCode.SomeFailed;
    }

    private RootCommand Root(Terminal terminal)
    {
        var root = new RootCommand(description) { HelpName = Name };
        foreach (Command command in commands(terminal))
            root.Subcommands.Add(command);
        root.Options.Add(VerboseOption.Create());
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }
}
