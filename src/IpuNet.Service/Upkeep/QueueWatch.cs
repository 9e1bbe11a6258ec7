using System.Text;
using Azure.Storage.Queues.Models;
using IpuNet.Service.Enrolment;
using IpuNet.Service.Messages;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Upkeep;

/// <summary>
/// Measures all queues from outside, and writes a reason down for messages in poison that have none: the Functions host leaves none. It looks at
/// messages and takes none.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="poison">The reasons.</param>
/// <param name="time">The time.</param>
/// <param name="logger">Is told of messages without a reason.</param>
public sealed class QueueWatch(StorageAccount account, PoisonLog poison, TimeProvider time, ILogger<QueueWatch> logger)
{
    /// <summary>Category of the reasons that are written down here.</summary>
    public const string Category = "unknown";

    private const int MostMessages = 32;

    private readonly EnrolmentAnswers _answers = new(account, time);
    private readonly LargeMessages _large = new(account);

    // Whoever puts a message there writes its entry at about the same time.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Looks at all queues.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>For how many messages a reason was written down.</returns>
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
        PeekedMessage[] next = count == 0 ? [] : await account.Queue(name).PeekMessagesAsync(MostMessages, cancellation).ConfigureAwait(false);
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

    // Whoever waits for an enrolment learns it, too.
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
            // It stands for nothing that could be read, and so nobody knows whose job it is.
        }

        await _answers.TryGiveUpAsync(json, entry.InsertedOn ?? entry.PoisonedOn, EnrolmentStatus.Failed, entry.Reason, cancellation).ConfigureAwait(false);
    }

    private PoisonEntry EntryOf(string queue, PeekedMessage message) => new()
    {
        Queue = queue,
        MessageId = message.MessageId,
        Category = Category,
        Reason = $"Something other than the service put the message into {queue}{StorageNames.PoisonSuffix}, and left no reason. The Functions host does so with "
            + "messages that are not base64, and with those that its function failed with each time: its log has the details. Look at the message; requeue it, or delete it.",
        DequeueCount = message.DequeueCount,
        InsertedOn = message.InsertedOn,
        PoisonedOn = time.GetUtcNow(),
        Body = WireMessage.Show(message.Body.ToString()),
    };

    private TimeSpan Age(PeekedMessage message) => message.InsertedOn is { } sent ? time.GetUtcNow() - sent : TimeSpan.Zero;
}
