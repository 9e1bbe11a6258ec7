using Azure.Storage.Queues.Models;
using IpuNet.Service.Messages;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Enrolment;

/// <summary>
/// Answers jobs at once that make no sense, while no worker runs yet that could. It looks at messages and takes none: a second reader of the
/// queue would take jobs away from the workers, and change the order in which they were sent. The worker that gets such a message
/// finds its answer there, and puts it into poison.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="time">The time.</param>
public sealed class EnrolmentScreening(StorageAccount account, TimeProvider time)
{
    /// <summary>Most messages that a queue shows at a time.</summary>
    public const int MostMessages = 32;

    private readonly EnrolmentAnswers _answers = new(account, time);
    private readonly LargeMessages _large = new(account);

    /// <summary>Looks at the messages that are next, <see cref="MostMessages"/> at most. Where more wait, a worker is on its way.</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>How many make no sense.</returns>
    public async Task<int> LookAsync(CancellationToken cancellation)
    {
        int refused = 0;
        PeekedMessage[] messages = await account.Queue(StorageNames.Enrolments).PeekMessagesAsync(MostMessages, cancellation).ConfigureAwait(false);
        foreach (PeekedMessage message in messages)
            refused += await IsRefusedAsync(message, cancellation).ConfigureAwait(false) ? 1 : 0;
        return refused;
    }

    private async Task<bool> IsRefusedAsync(PeekedMessage message, CancellationToken cancellation)
    {
        byte[] json = WireMessage.Decode(message.Body.ToString()) ?? [];
        DateTimeOffset sentAt = message.InsertedOn ?? time.GetUtcNow();
        try
        {
            if (JobSerializer.IsReference(json))
                json = await _large.ResolveAsync(JobSerializer.Read<MessageReference>(json), cancellation).ConfigureAwait(false);
            EnrolmentJob.Read(json, sentAt);
            return false;
        }
        catch (JobRefusedException refusal)
        {
            await _answers.TryGiveUpAsync(json, sentAt, EnrolmentStatus.Refused, refusal.Message, cancellation).ConfigureAwait(false);
            return true;
        }
    }
}
