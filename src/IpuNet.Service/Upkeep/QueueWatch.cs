using System.Diagnostics.Metrics;
using System.Text;
using Azure.Storage.Queues.Models;
using IpuNet.Contract;
using IpuNet.Service.Enrolment;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using IpuNet.Service.Telemetry;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Upkeep;

/// <summary>
/// Measures all queues from outside, and adds a reason to poison messages that have none, because the Functions host gives none. It peeks
/// at messages and never receives them.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="poison">The poison log.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Logs messages that have no reason.</param>
public sealed class QueueWatch(StorageAccount account, PoisonLog poison, TimeProvider time, ILogger<QueueWatch> logger)
{
    /// <summary>The category of the added reasons.</summary>
    public const string Category = "unknown";

    private const int MostMessages = 32;

    private readonly EnrolmentAnswers _answers = new(account, time);
    private readonly LargeMessages _large = new(account);

    // The service writes the entry of a poison message at about the same time as the message.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Checks all queues.</summary>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The number of messages that got a reason.</returns>
    public async Task<int> LookAsync(CancellationToken cancellation)
    {
        int adopted = 0;
        foreach (string queue in StorageNames.Queues)
        {
            await MeasureAsync(queue, cancellation).ConfigureAwait(false);
            PeekedMessage[] twins = await MeasureAsync(queue + StorageNames.PoisonSuffix, cancellation).ConfigureAwait(false);
            adopted += await AdoptAsync(queue, twins, cancellation).ConfigureAwait(false);
        }

        return adopted;
    }

    private async Task<PeekedMessage[]> MeasureAsync(string name, CancellationToken cancellation)
    {
        int count = await account.CountMessagesAsync(name, cancellation).ConfigureAwait(false);
        PeekedMessage[] next = count == 0
            ? []
            : await account.Queue(name).PeekMessagesAsync(MostMessages, cancellation).ConfigureAwait(false);
        UpkeepMetrics.Queue(name, count, next.Length == 0 ? TimeSpan.Zero : next.Max(Age));
        return next;
    }

    private async Task<int> AdoptAsync(string queue, PeekedMessage[] messages, CancellationToken cancellation)
    {
        PeekedMessage[] old = [.. messages.Where(message => Age(message) >= Patience)];
        if (old.Length == 0)
            return 0;
        IReadOnlySet<string> known = await poison.PlacedAsync(queue, cancellation).ConfigureAwait(false);
        PeekedMessage[] unknown = [.. old.Where(message => !known.Contains(message.MessageId))];
        foreach (PeekedMessage message in unknown)
        {
            UpkeepLog.WithoutReason(logger, message.MessageId, queue + StorageNames.PoisonSuffix);
            PoisonEntry entry = EntryOf(queue, message);
            await AnswerAsync(entry, cancellation).ConfigureAwait(false);
            await poison.AdoptAsync(entry, cancellation).ConfigureAwait(false);
        }

        return unknown.Length;
    }

    // The sender of an enrolment job gets an answer too.
    private async Task AnswerAsync(PoisonEntry entry, CancellationToken cancellation)
    {
        if (StorageNames.QueueOfSenders(entry.Queue) != StorageNames.Enrolments)
            return;
        byte[] json = Encoding.UTF8.GetBytes(entry.Body);
        try
        {
            json = await _large.OpenAsync(json, cancellation).ConfigureAwait(false);
        }
        catch (JobRefusedException)
        {
            // The reference cannot be resolved, so the job is unknown.
        }

        await _answers.TryGiveUpAsync(
            json, entry.InsertedOn ?? entry.PoisonedOn, EnrolmentStatus.Failed, entry.Reason, cancellation).ConfigureAwait(false);
    }

    private PoisonEntry EntryOf(string queue, PeekedMessage message) => new()
    {
        Queue = queue,
        MessageId = message.MessageId,
        Category = Category,
        Reason =
            $"A program other than the service put the message into {queue}{StorageNames.PoisonSuffix}, without a reason. The Functions "
            + "host does this with messages that are not base64 and with messages that its function failed on each time. Its log has the "
            + "details. Look at the message, then requeue or delete it.",
        DequeueCount = message.DequeueCount,
        InsertedOn = message.InsertedOn,
        PoisonedOn = time.GetUtcNow(),
        Body = WireMessage.Show(message.Body.ToString()),
    };

    private TimeSpan Age(PeekedMessage message) => message.InsertedOn is { } sent ? time.GetUtcNow() - sent : TimeSpan.Zero;
}

/// <summary>The metrics of the queues from outside, available even if no worker runs.</summary>
internal static class UpkeepMetrics
{
    private static readonly Gauge<long> Messages = ServiceMeter.Meter.CreateGauge<long>(
        "ipunet.queue.messages", "{message}", "Approximate number of messages in the queue, including those being handled.");

    private static readonly Gauge<double> Oldest = ServiceMeter.Meter.CreateGauge<double>(
        "ipunet.queue.oldest", "s", "How long the next message has waited; 0 if none waits.");

    public static void Queue(string queue, long messages, TimeSpan oldest)
    {
        var tag = new KeyValuePair<string, object?>("queue", queue);
        Messages.Record(messages, tag);
        Oldest.Record(Math.Max(0, oldest.TotalSeconds), tag);
    }
}

/// <summary>The log messages of upkeep.</summary>
internal static partial class UpkeepLog
{
    [LoggerMessage(1, LogLevel.Information, "Batch {Batch} expired: removed {Blobs} blobs.")]
    public static partial void Removed(ILogger logger, string batch, int blobs);

    [LoggerMessage(2, LogLevel.Warning, "Message {Message} is in {Queue} without a reason. Adding one.")]
    public static partial void WithoutReason(ILogger logger, string message, string queue);

    [LoggerMessage(3, LogLevel.Warning, "{Uploads} uploads of batch {Batch} had no result after a day. Handling them now.")]
    public static partial void Missed(ILogger logger, string batch, int uploads);

    [LoggerMessage(4, LogLevel.Information, "The training of job {Job} is abandoned: removed {Blobs} blobs.")]
    public static partial void Abandoned(ILogger logger, string job, int blobs);
}
