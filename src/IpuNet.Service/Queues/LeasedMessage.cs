using System.Diagnostics;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using IpuNet.Contract;

namespace IpuNet.Service.Queues;

/// <summary>
/// A message that this reader holds. Others do not see it until it is completed, returned or put into poison. The reader must call one of
/// these. The first call counts; later ones do nothing. If the process dies first, the message goes to the next reader.
/// </summary>
public sealed class LeasedMessage
{
    private readonly QueueClient _client;
    private readonly QueueMessage _message;
    private readonly PoisonLog _poison;
    private readonly Action<LeasedMessage> _ended;
    private readonly TimeProvider _time;
    private int _isEnded;

    internal LeasedMessage(
        QueueClient client, QueueMessage message, MessageLease lease, PoisonLog poison, TimeProvider time, Action<LeasedMessage> ended)
    {
        (_client, _message, Lease, _poison, _time, _ended) = (client, message, lease, poison, time, ended);
    }

    /// <summary>The message's id, assigned by storage.</summary>
    public string Id => _message.MessageId;

    /// <summary>The name of the queue.</summary>
    public string Queue => _client.Name;

    /// <summary>The message, UTF-8. A reference is already resolved.</summary>
    public ReadOnlyMemory<byte> Body { get; internal set; }

    /// <summary>How often the message was delivered, this time included.</summary>
    public long DequeueCount => _message.DequeueCount;

    /// <summary>When the message was put into this queue, by the storage clock.</summary>
    public DateTimeOffset InsertedOn => _message.InsertedOn ?? _time.GetUtcNow();

    /// <summary>
    /// When the message was sent, by the storage clock. It is before <see cref="InsertedOn"/> if the service forwarded the message.
    /// </summary>
    public DateTimeOffset SentAt => SentBefore < InsertedOn ? SentBefore.Value : InsertedOn;

    /// <summary>Cancelled when another reader has the message. That reader repeats all further work.</summary>
    public CancellationToken Lost => Lease.Lost;

    /// <summary>
    /// The trace of the handling, which ends with the message; null if nobody listens. Use it as the parent of all work for the message.
    /// </summary>
    public Activity? Trace { get; internal set; }

    /// <summary>When the message was sent to the queue that it was forwarded from; null if it was not forwarded.</summary>
    internal DateTimeOffset? SentBefore { get; set; }

    /// <summary>The number of items; 0 while it is unknown.</summary>
    internal int Size { get; set; }

    internal MessageLease Lease { get; }

    internal string Wire => _message.Body.ToString();

    /// <summary>Reads the message.</summary>
    /// <exception cref="JobRefusedException">The message is not valid, or its schema is unknown to this version.</exception>
    public T Read<T>()
        where T : JobMessage => JobSerializer.Read<T>(Body.Span);

    /// <summary>Removes the message because its work is done.</summary>
    /// <param name="cancellation">Cancels the operation; the message returns to the queue.</param>
    public Task CompleteAsync(CancellationToken cancellation) =>
        EndAsync(ActivityStatusCode.Ok, null, receipt => _client.DeleteMessageAsync(Id, receipt, cancellation));

    /// <summary>Returns the message to the queue, for any reader.</summary>
    /// <param name="delay">How long the message stays hidden; zero to show it at once.</param>
    /// <param name="cancellation">Cancels the operation; the message returns to the queue by itself.</param>
    public Task ReturnAsync(TimeSpan delay, CancellationToken cancellation) =>
        EndAsync(
            ActivityStatusCode.Error, "returned",
            receipt => _client.UpdateMessageAsync(Id, receipt, visibilityTimeout: delay, cancellationToken: cancellation));

    /// <summary>Moves the message into poison, with the reason. A second call has no further effect.</summary>
    /// <param name="category">One word for metrics, such as "schema".</param>
    /// <param name="reason">What is wrong and the way out.</param>
    /// <param name="cancellation">Cancels the operation; the message returns to the queue.</param>
    public Task PoisonAsync(string category, string reason, CancellationToken cancellation) =>
        EndAsync(ActivityStatusCode.Error, category, async receipt =>
        {
            // The reader that has the message now decides.
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
