using System.CommandLine;
using System.Globalization;
using System.Text;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Reports;
using IpuNet.Service.Queues;

namespace IpuNet.Cli.Poison;

/// <summary><c>ipunet poison list</c>: lists the messages in poison.</summary>
internal sealed class PoisonListCommand : CliCommand
{
    private readonly StorageArguments _storage;

    public PoisonListCommand(Terminal terminal)
        : base(terminal, "list", "Lists the messages and uploads that the service could not handle, with the reasons.")
    {
        Options.Add(new JsonOption());
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet poison list", "The poison of the local cloud. Exit code 1 if there is any.")];

    protected override Task<int> ExecuteAsync(
        ParseResult parsed, CancellationToken cancellation) => _storage.UseAsync(parsed, async account =>
    {
        var table = new ReportTable("Poison", new("Message"), new("Queue"), new("Since, UTC"), new("Tries", Numeric: true), new("Reason"));
        int count = 0;
        await foreach (PoisonEntry entry in new PoisonLog(account).ListAsync(cancellation))
        {
            table.Add(
                entry.MessageId, entry.Queue, Terminal.TextOf(entry.PoisonedOn),
                entry.DequeueCount.ToString(CultureInfo.InvariantCulture), entry.Reason);
            count++;
        }

        if (count > 0)
            Terminal.Write(table);
        Terminal.WriteLine(
            count > 0
                ? $"{count} in poison. `ipunet poison show MESSAGE` shows a message, `ipunet poison requeue MESSAGE` tries it again."
                : "Nothing is in poison.");
        return count > 0 ? ExitCode.SomeFailed : ExitCode.Done;
    }, cancellation);
}

/// <summary><c>ipunet poison show</c>: prints a message in poison.</summary>
internal sealed class PoisonShowCommand : CliCommand
{
    private readonly Argument<string> _message = new("MESSAGE") { Description = "Id of the message, from `ipunet poison list`." };
    private readonly StorageArguments _storage;

    public PoisonShowCommand(Terminal terminal)
        : base(
            terminal, "show",
            "Prints a message that the service could not handle, as JSON: its content, and the reason, time and number of tries.")
    {
        Arguments.Add(_message);
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet poison show 0b9c2a4e-51f7-4d0c-8f6e-6b0f9a3d2c11", "Prints one message.")];

    protected override Task<int> ExecuteAsync(
        ParseResult parsed, CancellationToken cancellation) => _storage.UseAsync(parsed, async account =>
    {
        PoisonEntry entry = await new PoisonLog(account).RequireAsync(parsed.GetRequiredValue(_message), cancellation);
        Terminal.WriteLine(Encoding.UTF8.GetString(entry.ToJson()));
        return ExitCode.Done;
    }, cancellation);
}

/// <summary><c>ipunet poison requeue</c>: puts messages from poison back into their queues.</summary>
internal sealed class PoisonRequeueCommand : CliCommand
{
    private readonly Argument<string[]> _messages =
        new("MESSAGE") { Description = "Ids of messages, from `ipunet poison list`.", Arity = ArgumentArity.OneOrMore };
    private readonly StorageArguments _storage;

    public PoisonRequeueCommand(Terminal terminal)
        : base(terminal, "requeue", "Puts messages that the service could not handle back into their queues. Remove the reason first.")
    {
        Arguments.Add(_messages);
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples =>
        [("ipunet poison requeue 0b9c2a4e-51f7-4d0c-8f6e-6b0f9a3d2c11", "Tries the message again.")];

    protected override Task<int> ExecuteAsync(
        ParseResult parsed, CancellationToken cancellation) => _storage.UseAsync(parsed, async account =>
    {
        var poison = new PoisonLog(account);
        int code = ExitCode.Done;
        foreach (string message in parsed.GetRequiredValue(_messages))
        {
            try
            {
                PoisonEntry entry = await poison.RequeueAsync(message, cancellation);
                Terminal.WriteLine($"{message} is back in the queue '{StorageNames.QueueOfSenders(entry.Queue)}'.");
            }
            catch (FaceDataException refusal)
            {
                Terminal.Fail(refusal.Message);
                code = ExitCode.SomeFailed;
            }
        }

        return code;
    }, cancellation);
}
