using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.CommandLine;

/// <summary>A command with its options and examples.</summary>
public abstract class CliCommand : Command
{
    /// <param name="terminal">The user's terminal.</param>
    /// <param name="name">The command's name.</param>
    /// <param name="description">A sentence for the help.</param>
    protected CliCommand(Terminal terminal, string name, string description)
        : base(name, description)
    {
        Terminal = terminal;
        SetAction((parsed, cancellation) =>
        {
            Terminal.PrintsJson = JsonOption.IsOn(parsed);
            return ExecuteAsync(parsed, cancellation);
        });
    }

    /// <param name="terminal">The user's terminal.</param>
    /// <param name="title">The command's name and description.</param>
    protected CliCommand(Terminal terminal, CommandTitle title)
        : this(terminal, (title ?? throw new ArgumentNullException(nameof(title))).Name, title.Description)
    {
    }

    /// <summary>Command lines for the help, each with its purpose.</summary>
    public abstract IReadOnlyList<(string CommandLine, string Purpose)> Examples { get; }

    /// <summary>The user's terminal.</summary>
    protected Terminal Terminal { get; }

    /// <summary>Runs the command.</summary>
    /// <param name="parsed">The arguments and options.</param>
    /// <param name="cancellation">Ctrl-C or SIGTERM.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    protected abstract Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation);
}

/// <summary>The option that every command has.</summary>
public static class VerboseOption
{
    private const string Name = "--verbose";

    /// <summary>Creates the option for the root command.</summary>
    public static Option<bool> Create() => new(Name)
    {
        Description =
            "Show more on standard error: the log, the models that ran and the time of each stage, and where an error comes from.",
        Recursive = true,
    };

    /// <summary>Whether the user gave the option.</summary>
    public static bool IsOn(ParseResult parsed) => parsed.GetValue<bool>(Name);

    /// <summary>Whether arguments that are not parsed yet have the option.</summary>
    public static bool IsIn(IEnumerable<string> arguments) => arguments.Contains(Name);
}

/// <summary>
/// The option of every command that prints a table or an answer. With it, standard output has JSON Lines alone: one object for each row of
/// a table, or for each answer. All other text goes to standard error.
/// </summary>
public sealed class JsonOption : Option<bool>
{
    /// <summary>Creates the option.</summary>
    public JsonOption()
        : base("--json") => Description = "Print JSON, one object a line, and nothing else on standard output.";

    /// <summary>Whether the command has the option, and the user gave it.</summary>
    public static bool IsOn(ParseResult parsed)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        return parsed.CommandResult.Command.Options.OfType<JsonOption>().Any(parsed.GetValue);
    }
}

/// <summary>The usual help with the command's examples below.</summary>
internal sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int code = help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is CliCommand { Examples: { Count: > 0 } examples })
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var (commandLine, purpose) in examples)
                output.WriteLine($"  {commandLine}\n      {purpose}");
            output.WriteLine();
        }

        return code;
    }
}
