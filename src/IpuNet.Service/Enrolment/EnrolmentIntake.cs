using Azure.Storage.Queues.Models;
using IpuNet.Contract;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace IpuNet.Service.Enrolment;

/// <summary>
/// Checks jobs when they arrive, even if no worker runs. An invalid job is answered and put into poison, as a worker would do. A valid job
/// goes to <see cref="StorageNames.CheckedEnrolments"/>, for the workers. It keeps its time of sending, which decides the order of gallery
/// changes.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="workers">The queue that jobs are forwarded to.</param>
/// <param name="poison">Receives invalid jobs.</param>
/// <param name="time">The clock.</param>
public sealed class EnrolmentIntake(
    StorageAccount account, [FromKeyedServices(StorageNames.CheckedEnrolments)] JobQueue workers, PoisonLog poison, TimeProvider time)
{
    private readonly EnrolmentAnswers _answers = new(account, time);
    private readonly LargeMessages _large = new(account);

    /// <summary>
    /// Handles a message of <see cref="StorageNames.Enrolments"/>. The caller then removes it from that queue. Handling a message twice has
    /// the same effect as handling it once.
    /// </summary>
    /// <param name="message">The message, with its body decoded from base64.</param>
    /// <param name="cancellation">Cancels the operation; the message must be handled again.</param>
    public async Task HandleAsync(QueueMessage message, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(message);
        DateTimeOffset sentAt = message.InsertedOn ?? time.GetUtcNow();
        byte[] sent = message.Body.ToArray(), itself = sent;
        try
        {
            itself = await _large.OpenAsync(sent, cancellation).ConfigureAwait(false);
            EnrolmentJob job = EnrolmentJob.Read(itself, sentAt);
            // A message that is delivered twice is forwarded twice, as one job of one time. The worker that gets the second copy finds the
            // answer.
            if (itself == sent)
                await workers.SendAsync(job.Message with { SentAt = sentAt }, cancellation).ConfigureAwait(false);
            else
                await workers.SendAsync(
                    JobSerializer.Read<MessageReference>(sent) with { SentAt = sentAt }, cancellation).ConfigureAwait(false);
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
