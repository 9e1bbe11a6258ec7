using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using IpuNet.Contract;
using IpuNet.Service.Storage;
using IpuNet.Service.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Queues;

/// <summary>
/// A queue of jobs. Many readers in many processes may share it. A message returns to the queue until a reader has completed it.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="name">The name of the queue, one of <see cref="StorageNames.Queues"/>.</param>
/// <param name="poison">Receives messages that cannot be handled.</param>
/// <param name="options">The reading options.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Logs failures.</param>
public sealed class JobQueue(
    StorageAccount account, string name, PoisonLog poison, IOptions<QueueOptions> options, TimeProvider time,
    ILogger<JobQueue>? logger = null)
{
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(100), StopPatience = TimeSpan.FromSeconds(2);

    private readonly QueueClient _client = account.Queue(name);
    private readonly LargeMessages _large = new(account);
    private readonly ConcurrentDictionary<LeasedMessage, bool> _held = new();
    private readonly ILogger _logger = logger ?? NullLogger<JobQueue>.Instance;

    /// <summary>The name of the queue.</summary>
    public string Name => name;

    /// <summary>
    /// Sends a message with the sender's trace. A large message goes into a blob, and a reference to it into the queue.
    /// </summary>
    /// <exception cref="ArgumentException">The reference to a large message is itself too large.</exception>
    public async Task SendAsync<T>(T message, CancellationToken cancellation)
        where T : JobMessage
    {
        ArgumentNullException.ThrowIfNull(message);
        using Activity? sending = ServiceMeter.Activities.StartActivity($"send {name}", ActivityKind.Producer);
        string? trace = message.Traceparent ?? (Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current.Id : null);
        byte[] json = JobSerializer.Write(message with { Traceparent = trace });
        if (json.Length > WireMessage.MaxBytes)
        {
            // The blob is named by its content, so the content must not depend on the sender.
            byte[] itself = JobSerializer.Write(message with { Traceparent = null, SentAt = null });
            MessageReference reference = await _large.StoreAsync(
                message is FaceBatchMessage { BatchId: var batch } ? batch : StorageNames.QueueOfSenders(name), itself,
                cancellation).ConfigureAwait(false);
            json = JobSerializer.Write(reference with { Traceparent = trace, SentAt = message.SentAt });
        }

        await _client.SendMessageAsync(
            WireMessage.Encode(json), timeToLive: WireMessage.Forever, cancellationToken: cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads messages until cancelled. An outage of storage does not end the reading.</summary>
    /// <param name="maxHeld">
    /// The maximum number of messages held at a time, at least 1. No more are taken until some of them are ended.
    /// </param>
    /// <param name="cancellation">Ends the reading without an exception. Messages handed out before stay held until they are ended.</param>
    public IAsyncEnumerable<LeasedMessage> ReadAllAsync(int maxHeld, CancellationToken cancellation) =>
        ReadAllAsync(maxHeld, 1, _ => 1, cancellation);

    /// <summary>Reads this queue and another in turn. The messages held from both count together.</summary>
    /// <param name="other">The other queue.</param>
    /// <param name="maxHeld">The maximum number of messages held from both, at least 1.</param>
    /// <param name="cancellation">Ends the reading without an exception. Messages handed out before stay held until they are ended.</param>
    public IAsyncEnumerable<LeasedMessage> ReadAllWithAsync(JobQueue other, int maxHeld, CancellationToken cancellation) =>
        ReadAllAsync([this, other], maxHeld, 1, _ => 1, cancellation);

    /// <summary>Reads messages of different sizes until cancelled.</summary>
    /// <param name="maxHeld">
    /// The approximate number of items held at a time, at least 1. The size of a message is known only after it is received.
    /// </param>
    /// <param name="largest">The number of items of the largest possible message, at least 1.</param>
    /// <param name="sizeOf">
    /// Gives the number of items of a message. If it throws <see cref="JobRefusedException"/>, the message goes to poison.
    /// </param>
    /// <param name="cancellation">Ends the reading without an exception. Messages handed out before stay held until they are ended.</param>
    public IAsyncEnumerable<LeasedMessage> ReadAllAsync(
        int maxHeld, int largest, Func<LeasedMessage, int> sizeOf, CancellationToken cancellation) =>
        ReadAllAsync([this], maxHeld, largest, sizeOf, cancellation);

    private async IAsyncEnumerable<LeasedMessage> ReadAllAsync(
        JobQueue[] queues, int maxHeld, int largest, Func<LeasedMessage, int> sizeOf,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxHeld);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(largest);
        ArgumentNullException.ThrowIfNull(sizeOf);
        var room = new MessageBudget(maxHeld, largest);
        TimeSpan pause = ShortestPoll;
        JobQueue queue = this;
        int turn = 0;
        while (await room.WaitAsync(cancellation).ConfigureAwait(false) is var count and > 0)
        {
            LeasedMessage[] received = [];
            for (int look = 0; look < queues.Length && received.Length == 0 && !cancellation.IsCancellationRequested; look++)
            {
                queue = queues[turn];
                turn = (turn + 1) % queues.Length;
                received = await queue.ReceiveAsync(count, room, cancellation).ConfigureAwait(false);
            }

            int next = 0, opened = 0, items = 0;
            try
            {
                while (next < received.Length && !cancellation.IsCancellationRequested)
                {
                    LeasedMessage message = received[next++];
                    if (!await queue.OpenAsync(message, sizeOf, cancellation).ConfigureAwait(false))
                        continue;
                    (opened, items) = (opened + 1, items + message.Size);
                    yield return message;
                }
            }
            finally
            {
                await queue.ReturnAsync(received[next..], CancellationToken.None).ConfigureAwait(false);
            }

            room.Take(opened, items);
            if (received.Length == 0)
                await Task.Delay(pause, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = received.Length > 0 ? ShortestPoll : pause * 2 < options.Value.LongestPoll ? pause * 2 : options.Value.LongestPoll;
        }
    }

    private async Task<LeasedMessage[]> ReceiveAsync(int count, MessageBudget room, CancellationToken cancellation)
    {
        // A cancelled request may have hidden messages already, so it gets time to end by itself.
        using var patience = new CancellationTokenSource();
        using var stopping = cancellation.Register(() => patience.CancelAfter(StopPatience));
        try
        {
            QueueMessage[] received = await _client.ReceiveMessagesAsync(
                count, options.Value.VisibilityTimeout, patience.Token).ConfigureAwait(false);
            List<LeasedMessage> held = [];
            foreach (QueueMessage message in received)
            {
                if (!await IsWorkedOnAsync(message).ConfigureAwait(false))
                    held.Add(Hold(message, room));
            }

            return [.. held];
        }
        catch (Exception error)
        {
            if (!cancellation.IsCancellationRequested)
                _logger.CannotRead(error, name, options.Value.LongestPoll);
            return [];
        }
    }

    // A message that is still held here continues: this process was stalled so long that the message became visible again.
    private async Task<bool> IsWorkedOnAsync(QueueMessage message) =>
        _held.Keys.FirstOrDefault(held => held.Id == message.MessageId) is { } before
        && await before.Lease.TryTakeOverAsync(message).ConfigureAwait(false);

    private LeasedMessage Hold(QueueMessage message, MessageBudget room)
    {
        if (message.InsertedOn is { } sent)
            QueueMetrics.Received(name, time.GetUtcNow() - sent);
        var lease = new MessageLease(_client, message, options.Value.VisibilityTimeout, time);
        var held = new LeasedMessage(_client, message, lease, poison, time, ended =>
        {
            _held.TryRemove(ended, out _);
            room.Release(ended.Size);
        });
        _held[held] = true;
        lease.Lost.Register(() =>
        {
            QueueMetrics.LeaseLost(name);
            _logger.LeaseLost(held.Id, name);
        });
        return held;
    }

    // False if there is nothing to hand out, because the message was refused or returned.
    private async Task<bool> OpenAsync(LeasedMessage message, Func<LeasedMessage, int> sizeOf, CancellationToken cancellation)
    {
        try
        {
            byte[] json = WireMessage.Decode(message.Wire)
                ?? throw new JobRefusedException(
                    "encoding", "The message is not base64. If its text is right, requeue it: requeuing encodes it.");
            message.Trace = StartTrace(message, JobSerializer.Traceparent(json));
            // In a queue that anybody may send to, the stated time cannot be trusted.
            message.SentBefore = StorageNames.QueueOfSenders(name) == name ? null : JobSerializer.SentAt(json);
            message.Body = await _large.OpenAsync(json, cancellation).ConfigureAwait(false);
            message.Size = Math.Max(1, sizeOf(message));
            return true;
        }
        catch (JobRefusedException refusal)
        {
            await TryAsync(message, () => message.PoisonAsync(refusal.Category, refusal.Message, cancellation)).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            _logger.CannotRead(error, name, options.Value.LongestPoll);
            await ReturnAsync([message], CancellationToken.None).ConfigureAwait(false);
        }

        return false;
    }

    private static Activity? StartTrace(LeasedMessage message, string? traceparent)
    {
        _ = ActivityContext.TryParse(traceparent, null, isRemote: true, out ActivityContext parent);
        Activity? before = Activity.Current;
        Activity? trace = ServiceMeter.Activities.StartActivity($"process {message.Queue}", ActivityKind.Consumer, parent);
        trace?.SetTag("messaging.destination.name", message.Queue).SetTag("messaging.message.id", message.Id);

        // Messages are read one by one and handled in parallel, so the trace belongs to the message, not to the reader.
        Activity.Current = before;
        return trace;
    }

    private Task ReturnAsync(IEnumerable<LeasedMessage> messages, CancellationToken cancellation) =>
        Task.WhenAll(messages.Select(message => TryAsync(message, () => message.ReturnAsync(TimeSpan.Zero, cancellation))));

    private async Task TryAsync(LeasedMessage message, Func<Task> last)
    {
        try
        {
            await last().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            _logger.CannotReturn(error, message.Id, name);
        }
    }
}

/// <summary>
/// Limits the work that a reader holds and decides how many messages it may request. Messages that it cannot handle soon are left for
/// others.
/// </summary>
/// <param name="most">The maximum number of held items.</param>
/// <param name="largest">The number of items of the largest possible message.</param>
internal sealed class MessageBudget(int most, int largest)
{
    // The maximum that storage returns per request.
    private const int MostReceived = 32;

    // With little room, a request waits until it is worthwhile.
    private readonly int _least = Math.Max(1, most / 4);

    private readonly Lock _lock = new();
    private int _free = most;

    // The average of the last messages. Unknown messages may be large.
    private int _itemsEach = largest;
    private TaskCompletionSource? _waiting;

    /// <summary>Waits for room.</summary>
    /// <returns>The number of messages to request, 1 to 32; 0 if cancelled.</returns>
    public async Task<int> WaitAsync(CancellationToken cancellation)
    {
        while (true)
        {
            Task more;
            lock (_lock)
            {
                if (cancellation.IsCancellationRequested)
                    return 0;
                if (_free >= _least)
                    return Math.Clamp(_free / _itemsEach, 1, MostReceived);
                _waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                more = _waiting.Task;
            }

            await more.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Records held messages. They may exceed the room, because their size is known only now.</summary>
    /// <param name="messages">The number of messages.</param>
    /// <param name="items">The number of their items, at least one each.</param>
    public void Take(int messages, int items)
    {
        if (messages == 0)
            return;
        lock (_lock)
        {
            _free -= items;
            _itemsEach = (items + messages - 1) / messages;
        }
    }

    /// <summary>Records that a message is no longer held.</summary>
    public void Release(int items)
    {
        lock (_lock)
        {
            _free += items;
            if (_free >= _least)
                _waiting?.TrySetResult();
        }
    }
}
