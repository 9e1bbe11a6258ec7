using IpuNet.Service.Messages;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Enrolment;

/// <summary>The answers to enrolments, in storage.</summary>
internal sealed class EnrolmentAnswers(StorageAccount account, TimeProvider time)
{
    private readonly JobAnswers<EnrolmentAnswer> _answers = new(
        account, time, StorageNames.EnrolmentAnswer, (json, name) => EnrolmentAnswer.FromJson(json, name), IsOf);

    /// <summary>The answer to a job.</summary>
    /// <returns>Null where there is none that can be read.</returns>
    public Task<EnrolmentAnswer?> FindAsync(string jobId, CancellationToken cancellation) => _answers.FindAsync(jobId, cancellation);

    /// <summary>
    /// Whether an answer is that of a job as it was sent then, or later. One to a message that was given up is not: the job may have been
    /// sent again from poison.
    /// </summary>
    public static bool IsOf(EnrolmentAnswer answer, DateTimeOffset sentAt) => answer.Action is not null && answer.SentAt >= sentAt;

    /// <summary>Writes an answer, unless there is one to the job as it was sent then or later.</summary>
    public Task WriteAsync(EnrolmentAnswer answer, CancellationToken cancellation) =>
        _answers.WriteAsync(answer.JobId, answer.SentAt, answer, answer.ToJson(), cancellation);

    /// <summary>
    /// Tells whoever waits for a job that nothing will come of it, where its id can be read and there is no answer: a message that cannot be
    /// read cannot be told to be the same job.
    /// </summary>
    /// <param name="json">The message, UTF-8.</param>
    /// <param name="sentAt">When it was sent, by the clock of storage.</param>
    /// <param name="status">What became of it.</param>
    /// <param name="reason">Why, and the way out.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task TryGiveUpAsync(ReadOnlyMemory<byte> json, DateTimeOffset sentAt, EnrolmentStatus status, string reason, CancellationToken cancellation)
    {
        if (JobAnswers<EnrolmentAnswer>.IdOf(json) is not { } jobId)
            return;
        var answer = new EnrolmentAnswer { JobId = jobId, Status = status, Reason = reason, SentAt = sentAt, FinishedAt = time.GetUtcNow() };
        if (await _answers.TryCreateAsync(jobId, answer.ToJson(), cancellation).ConfigureAwait(false))
            EnrolmentMetrics.Done(null, status);
    }
}
