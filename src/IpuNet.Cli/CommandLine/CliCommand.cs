using System.CommandLine;
using IpuNet.Cli.Terminals;

namespace IpuNet.Cli.CommandLine;

/// <summary>A command of <c>ipunet</c>: its options, its examples, and what it does.</summary>
internal abstract class CliCommand : Command
{
    protected CliCommand(Terminal terminal, string name, string description)
        : base(name, description)
    {
        Terminal = terminal;
        SetAction(ExecuteAsync);
    }

    /// <summary>Command lines that its help shows, each with what it is for.</summary>
    public abstract IReadOnlyList<(string CommandLine, string Purpose)> Examples { get; }

    protected Terminal Terminal { get; }

    /// <returns>An <see cref="ExitCode"/>.</returns>
    protected abstract Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation);
}
