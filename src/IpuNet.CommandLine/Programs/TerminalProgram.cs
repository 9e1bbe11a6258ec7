using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
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
public sealed class TerminalProgram(string description, Func<Terminal, IEnumerable<Command>> commands)
{
    // The user calls this program, whichever one runs the command.
    private const string Name = "ipunet";

    private const string NoMoreOptions = "--";

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
            ParseResult parsed = Root(terminal, arguments).Parse(arguments);
            if (parsed.CommandResult.Command is CommandElsewhere elsewhere)
                return await elsewhere.Program.RunAsync(arguments);
            ParseErrorAction? wrong = parsed.Action as ParseErrorAction;
            // Without a command, the user needs the list of commands. Otherwise the long help would hide the error.
            wrong?.ShowHelp = parsed.CommandResult.Command.Subcommands.Count > 0;
            int code = await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = terminal.Output,
                    Error = terminal.Errors,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                },
                cancellation);
            if (wrong is { ShowHelp: false })
                terminal.Note($"`{PathOf(parsed.CommandResult)} --help` shows the usage.");
            return wrong is null ? code : ExitCode.Usage;
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

    private static string PathOf(CommandResult command) =>
        command.Parent is CommandResult parent ? $"{PathOf(parent)} {command.Command.Name}" : Name;

    private RootCommand Root(Terminal terminal, IReadOnlyList<string> arguments)
    {
        var root = new RootCommand(description) { HelpName = Name };
        foreach (Command command in commands(terminal))
            root.Subcommands.Add(command);
        string[] names = [.. arguments.SkipWhile(argument => argument != NoMoreOptions).Skip(1)];
        RefuseUnknownOptions(root, names);
        root.Options.Add(VerboseOption.Create());
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        return root;
    }

    // Without this, a misspelt option would count as a file name.
    private static void RefuseUnknownOptions(Command command, IReadOnlyList<string> names)
    {
        command.Validators.Add(result =>
        {
            var given = result.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value);
            foreach (string unknown in given.Where(value => value is ['-', _, ..] && !names.Contains(value)))
            {
                result.AddError(
                    $"'{unknown}' is not an option of this command. For a file of this name, write './{unknown}', or put "
                    + $"'{NoMoreOptions}' before it.");
            }
        });
        foreach (Command inner in command.Subcommands)
            RefuseUnknownOptions(inner, names);
    }
}
