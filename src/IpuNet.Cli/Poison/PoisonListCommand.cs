using System.CommandLine;
using System.Globalization;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Reports;
using IpuNet.Service.Queues;

namespace IpuNet.Cli.Poison;

/// <summary><c>ipunet poison list</c>: says what the service could not handle.</summary>
internal sealed class PoisonListCommand : CliCommand
{
    private readonly StorageArguments _storage;

    public PoisonListCommand(Terminal terminal)
        : base(terminal, "list", "Lists the messages and uploads that the service could not handle, with the reasons.") => _storage = new StorageArguments(this, Terminal);

    public override IReadOnlyList<(string, string)> Examples => [("ipunet poison list", "What went wrong in the local cloud; exit code 1 where there is something.")];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation) => _storage.UseAsync(parsed, async account =>
    {
        var table = new ReportTable("Poison", new("Message"), new("Queue"), new("Since, UTC"), new("Tries", Numeric: true), new("Reason"));
        int count = 0;
        await foreach (PoisonEntry entry in new PoisonLog(account).ListAsync(cancellation))
        {
            table.Add(
                entry.MessageId, entry.Queue, entry.PoisonedOn.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
                entry.DequeueCount.ToString(CultureInfo.InvariantCulture), entry.Reason);
            count++;
        }

        if (count > 0)
            Terminal.Write(table);
        Terminal.WriteLine(count > 0 ? $"{count} in poison. `ipunet poison show MESSAGE` shows one, `ipunet poison requeue MESSAGE` tries it again." : "Nothing is in poison.");
        return count > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }, cancellation);
}
