using IpuNet.Service.Messages;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Retraining;

/// <summary>The answers to retrainings in storage.</summary>
/// <param name="account">The storage account.</param>
/// <param name="time">The time.</param>
public sealed class RetrainingAnswers(StorageAccount account, TimeProvider time)
{
    private readonly JobAnswers<RetrainingAnswer> _answers = new(
        account, time, StorageNames.RetrainingAnswer, (json, name) => RetrainingAnswer.FromJson(json, name), IsOf);

    /// <summary>The answer to a job.</summary>
    /// <returns>Null where there is none that can be read.</returns>
    public Task<RetrainingAnswer?> FindAsync(string jobId, CancellationToken cancellation) => _answers.FindAsync(jobId, cancellation);

    /// <summary>
    /// Whether an answer is the last word on a job as it was sent then, or later. One to a message that could not be read, or that failed, is
    /// not: the job may have been sent again from poison.
    /// </summary>
    public static bool IsOf(RetrainingAnswer answer, DateTimeOffset sentAt)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return answer is { Experiment: not null, Status: not RetrainingStatus.Failed } && answer.SentAt >= sentAt;
    }

    /// <summary>Writes an answer, unless there is the last word on the job as it was sent then or later.</summary>
    /// <returns>The answer that is there now.</returns>
    public Task<RetrainingAnswer> WriteAsync(RetrainingAnswer answer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return _answers.WriteAsync(answer.JobId, answer.SentAt, answer, answer.ToJson(), cancellation);
    }

    /// <summary>Writes an answer where there is none: to a message that cannot be told to be the same job.</summary>
    /// <returns>False where there is one, and stays as it is.</returns>
    public Task<bool> TryCreateAsync(RetrainingAnswer answer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return _answers.TryCreateAsync(answer.JobId, answer.ToJson(), cancellation);
    }

    /// <summary>Tells whoever waits for a job that nothing will come of it, where its id can be read and there is no answer.</summary>
    /// <param name="json">The message, UTF-8.</param>
    /// <param name="sentAt">When it was sent, by the clock of storage.</param>
    /// <param name="status">What became of it.</param>
    /// <param name="reason">Why, and the way out.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task TryGiveUpAsync(ReadOnlyMemory<byte> json, DateTimeOffset sentAt, RetrainingStatus status, string reason, CancellationToken cancellation)
    {
        if (JobAnswers<RetrainingAnswer>.IdOf(json) is not { } jobId)
            return;
        var answer = new RetrainingAnswer { JobId = jobId, Status = status, Reason = reason, SentAt = sentAt, FinishedOn = time.GetUtcNow() };
        await TryCreateAsync(answer, cancellation).ConfigureAwait(false);
        RetrainingMetrics.Done(answer);
    }
}
