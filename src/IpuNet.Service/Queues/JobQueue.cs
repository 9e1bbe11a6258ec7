using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using IpuNet.Service.Messages;
using IpuNet.Service.Storage;
using IpuNet.Service.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Queues;

/// <summary>A queue of jobs. Many readers, in many processes, may share one; each message is worked on until somebody has completed it.</summary>
/// <param name="account">The storage account.</param>
/// <param name="name">Name of the queue, one of <see cref="StorageNames.Queues"/>.</param>
/// <param name="poison">Where messages go that cannot be handled.</param>
/// <param name="options">How it is read.</param>
/// <param name="time">The time.</param>
/// <param name="logger">Is told of what goes wrong.</param>
public sealed class JobQueue(
    StorageAccount account, string name, PoisonLog poison, IOptions<QueueOptions> options, TimeProvider time, ILogger<JobQueue>? logger = null)
{
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(100), StopPatience = TimeSpan.FromSeconds(2);

    private readonly QueueClient _client = account.Queue(name);
    private readonly LargeMessages _large = new(account);
    private readonly ConcurrentDictionary<LeasedMessage, bool> _held = new();
    private readonly ILogger _logger = logger ?? NullLogger<JobQueue>.Instance;

    /// <summary>Name of the queue.</summary>
    public string Name => name;

    /// <summary>Sends a message; a large one goes into a blob, and what stands for it into the queue. It carries the trace of the sender.</summary>
    /// <exception cref="ArgumentException">What stands for a large message is itself too large.</exception>
    public async Task SendAsync<T>(T message, CancellationToken cancellation)
        where T : JobMessage
    {
        ArgumentNullException.ThrowIfNull(message);
        using Activity? sending = ServiceMeter.Activities.StartActivity($"send {name}", ActivityKind.Producer);
        string? trace = message.Traceparent ?? (Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current.Id : null);
        byte[] json = JobSerializer.Write(message with { Traceparent = trace });
        if (json.Length > WireMessage.MaxBytes)
        {
            // The blob's name is that of its content, which is the same whoever sends it.
            byte[] itself = JobSerializer.Write(message with { Traceparent = null, SentAt = null });
            MessageReference reference = await _large.StoreAsync(message is FaceBatchMessage { BatchId: var batch } ? batch : StorageNames.QueueOfSenders(name), itself, cancellation).ConfigureAwait(false);
            json = JobSerializer.Write(reference with { Traceparent = trace, SentAt = message.SentAt });
        }

        await _client.SendMessageAsync(WireMessage.Encode(json), timeToLive: WireMessage.Forever, cancellationToken: cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads messages as they come, for as long as it is not cancelled. Storage being away for a while does not end it.</summary>
    /// <param name="maxHeld">Most messages that are held at a time, at least 1: with so many not yet ended, none is taken.</param>
    /// <param name="cancellation">Ends the reading, without an exception; what was handed out by then stays held until it is ended.</param>
    public IAsyncEnumerable<LeasedMessage> ReadAllAsync(int maxHeld, CancellationToken cancellation) => ReadAllAsync(maxHeld, 1, _ => 1, cancellation);

    /// <summary>The same together with another queue: the two take turns, and what is held of both is counted together.</summary>
    /// <param name="other">The other queue.</param>
    /// <param name="maxHeld">Most messages of both that are held at a time, at least 1.</param>
    /// <param name="cancellation">Ends the reading, as above.</param>
    public IAsyncEnumerable<LeasedMessage> ReadAllWithAsync(JobQueue other, int maxHeld, CancellationToken cancellation) =>
        ReadAllAsync([this, other], maxHeld, 1, _ => 1, cancellation);

    /// <summary>The same where messages are of different sizes.</summary>
    /// <param name="maxHeld">About how much is held at a time, in items, at least 1: how large a message is shows only when it is held.</param>
    /// <param name="largest">Items of the largest message there may be, at least 1.</param>
    /// <param name="sizeOf">How many items a message has. Where it throws <see cref="JobRefusedException"/>, the message goes to poison.</param>
    /// <param name="cancellation">Ends the reading, without an exception; what was handed out by then stays held until it is ended.</param>
    public IAsyncEnumerable<LeasedMessage> ReadAllAsync(int maxHeld, int largest, Func<LeasedMessage, int> sizeOf, CancellationToken cancellation) =>
        ReadAllAsync([this], maxHeld, largest, sizeOf, cancellation);

    /// <summary>Gives all messages back that are held, for other readers: for a host whose time to stop is up.</summary>
    public Task ReturnHeldAsync(CancellationToken cancellation) => ReturnAsync([.. _held.Keys], cancellation);

    private async IAsyncEnumerable<LeasedMessage> ReadAllAsync(
        JobQueue[] queues, int maxHeld, int largest, Func<LeasedMessage, int> sizeOf, [EnumeratorCancellation] CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxHeld);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(largest);
        ArgumentNullException.ThrowIfNull(sizeOf);
        var room = new ReadingRoom(maxHeld, largest);
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

    private async Task<LeasedMessage[]> ReceiveAsync(int count, ReadingRoom room, CancellationToken cancellation)
    {
        // A request that is cut off may have hidden messages already, so it gets some time to end by itself.
        using var patience = new CancellationTokenSource();
        using var stopping = cancellation.Register(() => patience.CancelAfter(StopPatience));
        try
        {
            QueueMessage[] received = await _client.ReceiveMessagesAsync(count, options.Value.VisibilityTimeout, patience.Token).ConfigureAwait(false);
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

    // What is held here already goes on: this process was held up for so long that the message came back.
    private async Task<bool> IsWorkedOnAsync(QueueMessage message) =>
        _held.Keys.FirstOrDefault(held => held.Id == message.MessageId) is { } before
        && await before.Lease.TryTakeOverAsync(message).ConfigureAwait(false);

    private LeasedMessage Hold(QueueMessage message, ReadingRoom room)
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

    // False where there is nothing to hand out, because the message was refused or given back.
    private async Task<bool> OpenAsync(LeasedMessage message, Func<LeasedMessage, int> sizeOf, CancellationToken cancellation)
    {
        try
        {
            byte[] json = WireMessage.Decode(message.Wire)
                ?? throw new JobRefusedException("encoding", "The message is not base64, as messages are. Requeue it if its text is right: it is then encoded.");
            message.Trace = StartTrace(message, JobSerializer.Traceparent(json));
            // In a queue that anybody may send to, anybody could say so.
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

        // Messages are read one after the other and worked on side by side: the trace is the message's, not the reader's.
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
