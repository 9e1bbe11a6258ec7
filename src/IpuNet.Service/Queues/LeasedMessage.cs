using System.Diagnostics;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using IpuNet.Service.Messages;

namespace IpuNet.Service.Queues;

/// <summary>
/// A message that this reader holds: others do not see it until it is completed, returned or given to poison. One of these must be
/// called; the first counts, and later ones do nothing. A process that ends without it leaves the message to the next reader.
/// </summary>
public sealed class LeasedMessage
{
    private readonly QueueClient _client;
    private readonly QueueMessage _message;
    private readonly PoisonLog _poison;
    private readonly Action<LeasedMessage> _ended;
    private readonly TimeProvider _time;
    private int _isEnded;

    internal LeasedMessage(QueueClient client, QueueMessage message, MessageLease lease, PoisonLog poison, TimeProvider time, Action<LeasedMessage> ended)
    {
        (_client, _message, Lease, _poison, _time, _ended) = (client, message, lease, poison, time, ended);
    }

    /// <summary>The message's id, which storage gave it.</summary>
    public string Id => _message.MessageId;

    /// <summary>Name of its queue.</summary>
    public string Queue => _client.Name;

    /// <summary>The message, UTF-8; a large one is here itself, not what stands for it.</summary>
    public ReadOnlyMemory<byte> Body { get; internal set; }

    /// <summary>How often it was handed out, this time included.</summary>
    public long DequeueCount => _message.DequeueCount;

    /// <summary>When it was put into its queue, by the clock of storage.</summary>
    public DateTimeOffset InsertedOn => _message.InsertedOn ?? _time.GetUtcNow();

    /// <summary>When it was sent, by the clock of storage: before <see cref="InsertedOn"/> where the service forwarded it from another queue.</summary>
    public DateTimeOffset SentAt => SentBefore < InsertedOn ? SentBefore.Value : InsertedOn;

    /// <summary>Is cancelled when another reader has the message: whatever is done with it from then on, that reader does too.</summary>
    public CancellationToken Lost => Lease.Lost;

    /// <summary>The trace of its handling, ended with the message; null where nobody listens. To be the parent of what is done for it.</summary>
    public Activity? Trace { get; internal set; }

    /// <summary>When it was sent to the queue that it was forwarded from; null where it was not forwarded.</summary>
    internal DateTimeOffset? SentBefore { get; set; }

    /// <summary>How many items it has; 0 before that is known.</summary>
    internal int Size { get; set; }

    internal MessageLease Lease { get; }

    internal string Wire => _message.Body.ToString();

    /// <summary>Reads the message.</summary>
    /// <exception cref="JobRefusedException">It is no message of this kind, or of a schema that this version does not know.</exception>
    public T Read<T>()
        where T : JobMessage => JobSerializer.Read<T>(Body.Span);

    /// <summary>Removes the message, whose work is done.</summary>
    /// <param name="cancellation">Gives up; the message then comes back.</param>
    public Task CompleteAsync(CancellationToken cancellation) =>
        EndAsync(ActivityStatusCode.Ok, null, receipt => _client.DeleteMessageAsync(Id, receipt, cancellation));

    /// <summary>Gives the message back, for any reader.</summary>
    /// <param name="delay">How long it stays hidden; zero for not at all.</param>
    /// <param name="cancellation">Gives up; the message then comes back by itself.</param>
    public Task ReturnAsync(TimeSpan delay, CancellationToken cancellation) =>
        EndAsync(ActivityStatusCode.Error, "returned", receipt => _client.UpdateMessageAsync(Id, receipt, visibilityTimeout: delay, cancellationToken: cancellation));

    /// <summary>Takes the message out of the queue and keeps it with the reason. Doing it twice is doing it once.</summary>
    /// <param name="category">One word for metrics, such as "schema".</param>
    /// <param name="reason">What is wrong and the way out.</param>
    /// <param name="cancellation">Gives up; the message then comes back.</param>
    public Task PoisonAsync(string category, string reason, CancellationToken cancellation) =>
        EndAsync(ActivityStatusCode.Error, category, async receipt =>
        {
            // Whoever has it now may know better.
            if (Lost.IsCancellationRequested)
                return;
            var entry = new PoisonEntry
            {
                Queue = Queue,
                MessageId = Id,
                Category = category,
                Reason = reason,
                DequeueCount = DequeueCount,
                InsertedOn = SentAt,
                PoisonedOn = _time.GetUtcNow(),
                Body = WireMessage.Show(Wire),
            };
            await _poison.AddAsync(entry, Wire, cancellation).ConfigureAwait(false);
            await _client.DeleteMessageAsync(Id, receipt, cancellation).ConfigureAwait(false);
        });

    private async Task EndAsync(ActivityStatusCode status, string? description, Func<string, Task> last)
    {
        if (Interlocked.Exchange(ref _isEnded, 1) != 0)
            return;
        try
        {
            await Lease.EndAsync(last).ConfigureAwait(false);
        }
        finally
        {
            Trace?.SetStatus(status, description);
            Trace?.Dispose();
            _ended(this);
        }
    }
}
