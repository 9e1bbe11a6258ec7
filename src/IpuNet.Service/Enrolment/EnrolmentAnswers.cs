using IpuNet.Contract;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Enrolment;

/// <summary>Stores the answers to enrolment jobs.</summary>
internal sealed class EnrolmentAnswers(StorageAccount account, TimeProvider time)
{
    private readonly JobAnswers<EnrolmentAnswer> _answers = new(
        account, time, StorageNames.EnrolmentAnswer, (json, name) => EnrolmentAnswer.FromJson(json, name), IsOf);

    /// <summary>Finds the answer to a job.</summary>
    /// <returns>Null if there is no readable answer.</returns>
    public Task<EnrolmentAnswer?> FindAsync(string jobId, CancellationToken cancellation) => _answers.FindAsync(jobId, cancellation);

    /// <summary>
    /// Whether an answer belongs to a job that was sent at a time, or later. The answer to a message that went to poison does not count:
    /// the job may have been sent again from poison.
    /// </summary>
    public static bool IsOf(EnrolmentAnswer answer, DateTimeOffset sentAt) => answer.Action is not null && answer.SentAt >= sentAt;

    /// <summary>Writes an answer, unless the job already has one that was sent at the same time or later.</summary>
    public Task WriteAsync(EnrolmentAnswer answer, CancellationToken cancellation) =>
        _answers.WriteAsync(answer.JobId, answer.SentAt, answer, answer.ToJson(), cancellation);

    /// <summary>
    /// Answers a job that goes to poison, if its message has a readable id and the job has no answer. An existing answer stays, because an
    /// unreadable message cannot be shown to be the same job.
    /// </summary>
    /// <param name="json">The message, UTF-8.</param>
    /// <param name="sentAt">When the message was sent, by the storage clock.</param>
    /// <param name="status">The outcome.</param>
    /// <param name="reason">The reason and the way out.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public async Task TryGiveUpAsync(
        ReadOnlyMemory<byte> json, DateTimeOffset sentAt, EnrolmentStatus status, string reason, CancellationToken cancellation)
    {
        if (JobAnswers<EnrolmentAnswer>.IdOf(json) is not { } jobId)
            return;
        var answer =
            new EnrolmentAnswer { JobId = jobId, Status = status, Reason = reason, SentAt = sentAt, FinishedAt = time.GetUtcNow() };
        if (await _answers.TryCreateAsync(jobId, answer.ToJson(), cancellation).ConfigureAwait(false))
            EnrolmentMetrics.Done(null, status);
    }
}
