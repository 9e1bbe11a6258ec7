using System.CommandLine;
using System.Text;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Service.Queues;

namespace IpuNet.Cli.Poison;

/// <summary><c>ipunet poison show</c>: shows one message that the service could not handle.</summary>
internal sealed class PoisonShowCommand : CliCommand
{
    private readonly Argument<string> _message = new("MESSAGE") { Description = "The message's id, as `ipunet poison list` gives it." };
    private readonly StorageArguments _storage;

    public PoisonShowCommand(Terminal terminal)
        : base(terminal, "show", "Shows a message that the service could not handle, as JSON: what it says, why it was given up, when, after how many tries.")
    {
        Arguments.Add(_message);
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples => [("ipunet poison show 0b9c2a4e-51f7-4d0c-8f6e-6b0f9a3d2c11", "All that is known of one message.")];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation) => _storage.UseAsync(parsed, async account =>
    {
        PoisonEntry entry = await new PoisonLog(account).RequireAsync(parsed.GetRequiredValue(_message), cancellation);
        Terminal.WriteLine(Encoding.UTF8.GetString(entry.ToJson()));
        return ExitCode.Done;
    }, cancellation);
}
