using System.CommandLine;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Cloud;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Poison;

/// <summary><c>ipunet poison requeue</c>: lets the service try messages again.</summary>
internal sealed class PoisonRequeueCommand : CliCommand
{
    private readonly Argument<string[]> _messages = new("MESSAGE") { Description = "Ids of messages, as `ipunet poison list` gives them.", Arity = ArgumentArity.OneOrMore };
    private readonly StorageArguments _storage;

    public PoisonRequeueCommand(Terminal terminal)
        : base(terminal, "requeue", "Sends messages again that the service could not handle, once the reason is gone.")
    {
        Arguments.Add(_messages);
        _storage = new StorageArguments(this, Terminal);
    }

    public override IReadOnlyList<(string, string)> Examples => [("ipunet poison requeue 0b9c2a4e-51f7-4d0c-8f6e-6b0f9a3d2c11", "The message is worked on anew, say once its gallery is there.")];

    protected override Task<int> ExecuteAsync(ParseResult parsed, CancellationToken cancellation) => _storage.UseAsync(parsed, async account =>
    {
        var poison = new PoisonLog(account);
        int code = ExitCode.Done;
        foreach (string message in parsed.GetRequiredValue(_messages))
        {
            try
            {
                PoisonEntry entry = await poison.RequeueAsync(message, cancellation);
                Terminal.WriteLine($"{message} is in the queue '{StorageNames.QueueOfSenders(entry.Queue)}' again.");
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
