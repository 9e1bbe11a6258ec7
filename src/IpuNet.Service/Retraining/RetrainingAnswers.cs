using System.Diagnostics.Metrics;
using IpuNet.Contract;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using IpuNet.Service.Telemetry;

namespace IpuNet.Service.Retraining;

/// <summary>Stores the answers to retraining jobs.</summary>
/// <param name="account">The storage account.</param>
/// <param name="time">The clock.</param>
public sealed class RetrainingAnswers(StorageAccount account, TimeProvider time)
{
    private readonly JobAnswers<RetrainingAnswer> _answers = new(
        account, time, StorageNames.RetrainingAnswer, (json, name) => RetrainingAnswer.FromJson(json, name), IsOf);

    /// <summary>Finds the answer to a job.</summary>
    /// <returns>Null if there is no readable answer.</returns>
    public Task<RetrainingAnswer?> FindAsync(string jobId, CancellationToken cancellation) => _answers.FindAsync(jobId, cancellation);

    /// <summary>
    /// Whether an answer is final for a job that was sent at the given time. The answer to an unreadable message, or to a failed job, is
    /// not final: the job may have been sent again from poison.
    /// </summary>
    public static bool IsOf(RetrainingAnswer answer, DateTimeOffset sentAt)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return answer is { Experiment: not null, Status: not RetrainingStatus.Failed } && answer.SentAt >= sentAt;
    }

    /// <summary>Writes an answer, unless a final one exists for the job as it was sent then or later.</summary>
    /// <returns>The answer that is stored now.</returns>
    public Task<RetrainingAnswer> WriteAsync(RetrainingAnswer answer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return _answers.WriteAsync(answer.JobId, answer.SentAt, answer, answer.ToJson(), cancellation);
    }

    /// <summary>Writes an answer if the job has none. Used for a message that cannot be shown to be the same job.</summary>
    /// <returns>False if the job has an answer, which stays.</returns>
    public Task<bool> TryCreateAsync(RetrainingAnswer answer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return _answers.TryCreateAsync(answer.JobId, answer.ToJson(), cancellation);
    }

    /// <summary>Answers a job that goes to poison, if its message has a readable id and the job has no answer.</summary>
    /// <param name="json">The message, UTF-8.</param>
    /// <param name="sentAt">When the message was sent, by the storage clock.</param>
    /// <param name="status">The outcome.</param>
    /// <param name="reason">The reason and the way out.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public async Task TryGiveUpAsync(
        ReadOnlyMemory<byte> json, DateTimeOffset sentAt, RetrainingStatus status, string reason, CancellationToken cancellation)
    {
        if (JobAnswers<RetrainingAnswer>.IdOf(json) is not { } jobId)
            return;
        var answer =
            new RetrainingAnswer { JobId = jobId, Status = status, Reason = reason, SentAt = sentAt, FinishedOn = time.GetUtcNow() };
        await TryCreateAsync(answer, cancellation).ConfigureAwait(false);
        RetrainingMetrics.Done(answer);
    }
}

/// <summary>The metrics of retraining.</summary>
public static class RetrainingMetrics
{
    private static readonly Counter<long> Jobs = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.retrainings", "{job}", "Retraining jobs that have an answer, by status.");

    private static readonly Histogram<double> Duration = ServiceMeter.Meter.CreateHistogram<double>(
        "ipunet.retraining.duration", "s", "Time from the start of a training to its answer, including pauses, by status.");

    private static readonly Counter<long> Steps = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.retraining.steps", "{step}", "Steps of trainings that have an answer, by status.");

    private static readonly Counter<long> RefusedImages = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.retraining.refused", "{image}", "Training images that could not be used, by category.");

    /// <summary>Counts a retraining job that has its answer.</summary>
    public static void Done(RetrainingAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var status = new KeyValuePair<string, object?>("status", answer.Status.ToString().ToLowerInvariant());
        Jobs.Add(1, status);
        Steps.Add(answer.Steps, status);
        if (answer.StartedOn is { } started)
            Duration.Record((answer.FinishedOn - started).TotalSeconds, status);
        foreach ((string category, int count) in answer.Data?.Refused ?? new Dictionary<string, int>())
            RefusedImages.Add(count, new KeyValuePair<string, object?>("category", category));
    }
}
