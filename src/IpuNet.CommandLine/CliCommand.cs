using System.CommandLine;
using IpuNet.CommandLine.Programs;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.CommandLine;

/// <summary>A command: its options, its examples, and what it does.</summary>
public abstract class CliCommand : Command
{
    /// <param name="terminal">What the user sees.</param>
    /// <param name="name">The word that asks for it.</param>
    /// <param name="description">What it does, in a sentence.</param>
    protected CliCommand(Terminal terminal, string name, string description)
        : base(name, description)
    {
        Terminal = terminal;
        SetAction(ExecuteAsync);
    }

    /// <param name="terminal">What the user sees.</param>
    /// <param name="title">The command, as <c>ipunet</c> lists it.</param>
    protected CliCommand(Terminal terminal, CommandTitle title)
        : this(terminal, (title ?? throw new ArgumentNullException(nameof(title))).Name, title.Description)
    {
    }

    /// <summary>Command lines that its help shows, each with what it is for.</summary>
    public abstract IReadOnlyList<(string CommandLine, string Purpose)> Examples { get; }

    /// <summary>What the user sees.</summary>
    protected Terminal Terminal { get; }

    /// <summary>Does what is asked for.</summary>
    /// <param name="parsed">Its arguments and options.</param>
    /// <param name="cancellation">Ctrl-C or SIGTERM.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    protected abstract Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation);
}
