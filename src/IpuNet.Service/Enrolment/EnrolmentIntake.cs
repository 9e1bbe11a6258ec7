using Azure.Storage.Queues.Models;
using IpuNet.Service.Messages;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace IpuNet.Service.Enrolment;

/// <summary>
/// Checks jobs as they come, also while no worker runs: one that makes no sense is answered and put into poison, as a worker would do, and any
/// other goes on to <see cref="StorageNames.CheckedEnrolments"/>, for the workers. It keeps the time at which it was sent, by which changes of a gallery count.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="workers">The queue that jobs are forwarded to.</param>
/// <param name="poison">Where jobs go that make no sense.</param>
/// <param name="time">The time.</param>
public sealed class EnrolmentIntake(
    StorageAccount account, [FromKeyedServices(StorageNames.CheckedEnrolments)] JobQueue workers, PoisonLog poison, TimeProvider time)
{
    private readonly EnrolmentAnswers _answers = new(account, time);
    private readonly LargeMessages _large = new(account);

    /// <summary>Handles a message of <see cref="StorageNames.Enrolments"/>, which is then to leave that queue. Handling it twice leaves the same as handling it once.</summary>
    /// <param name="message">The message, its body no longer in base64.</param>
    /// <param name="cancellation">Gives up; the message is then to be handled again.</param>
    public async Task HandleAsync(QueueMessage message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        DateTimeOffset sentAt = message.InsertedOn ?? time.GetUtcNow();
        byte[] sent = message.Body.ToArray(), itself = sent;
        try
        {
            itself = await _large.OpenAsync(sent, cancellation).ConfigureAwait(false);
            EnrolmentJob job = EnrolmentJob.Read(itself, sentAt);
            // Delivered twice, it is forwarded twice, as one job of one time: the worker that gets the second finds its answer there.
            if (itself == sent)
                await workers.SendAsync(job.Message with { SentAt = sentAt }, cancellation).ConfigureAwait(false);
            else
                await workers.SendAsync(JobSerializer.Read<MessageReference>(sent) with { SentAt = sentAt }, cancellation).ConfigureAwait(false);
        }
        catch (JobRefusedException refusal)
        {
            await _answers.TryGiveUpAsync(itself, sentAt, EnrolmentStatus.Refused, refusal.Message, cancellation).ConfigureAwait(false);
            await poison.AddAsync(EntryOf(message, sentAt, refusal), cancellation).ConfigureAwait(false);
        }
    }

    private PoisonEntry EntryOf(QueueMessage message, DateTimeOffset sentAt, JobRefusedException refusal) => new()
    {
        Queue = StorageNames.Enrolments,
        MessageId = message.MessageId,
        Category = refusal.Category,
        Reason = refusal.Message,
        DequeueCount = message.DequeueCount,
        InsertedOn = sentAt,
        PoisonedOn = time.GetUtcNow(),
        Body = message.Body.ToString(),
    };
}
