using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Reembedding;
using IpuNet.Service.Galleries;
using IpuNet.Service.Models;
using IpuNet.Service.Queues;
using IpuNet.Service.Reembedding;
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

/// <summary>Runs re-embedding jobs. Requests one if an enrolment used models that are no longer the gallery's latest.</summary>
internal sealed class ReembeddingJobs(
    StorageAccount account, ServingModels serving, ModelSwitch? models, JobQueue queue, EnrolmentOptions options, TimeProvider time)
{
    /// <summary>
    /// Re-embeds the gallery of a job with the models that are to be used next. If the worker waited for it, the worker then uses them.
    /// </summary>
    /// <param name="job">The job.</param>
    /// <param name="progress">Called after each subject; null for no progress.</param>
    /// <param name="cancellation">Cancels the run. Finished work is kept, and the next delivery of the job continues from there.</param>
    /// <exception cref="FaceDataException">The gallery does not exist.</exception>
    public async Task<ReembeddingReport> RunAsync(
        EnrolmentJob job, Func<ReembeddingProgress, ValueTask>? progress, CancellationToken cancellation)
    {
        await LookAsync(cancellation).ConfigureAwait(false);
        // A job that is sent again is another job.
        var request = new ReembeddingRequest(
            job.Message.LeaveBehind, Job: string.Create(CultureInfo.InvariantCulture, $"{job.Id}|{job.SentAt:O}"));
        ReembeddingReport report;
        using (ModelLease lease = serving.BorrowNext())
        {
            report = await new GalleryReembedding(account, lease.Models, options, time)
                .RunAsync(job.Message.Gallery, request, progress, cancellation).ConfigureAwait(false);
        }

        await LookAsync(cancellation).ConfigureAwait(false);
        return report;
    }

    /// <summary>Requests the re-embedding of a gallery in which a face was enrolled with models that are no longer its latest.</summary>
    public Task AskAsync(string gallery, CancellationToken cancellation) =>
        queue.SendAsync(
            new EnrolmentMessage { JobId = $"reembed-{Guid.NewGuid():N}", Gallery = gallery, Action = EnrolmentAction.Reembed },
            cancellation);

    private Task LookAsync(CancellationToken cancellation) => models?.LookAsync(cancellation) ?? Task.CompletedTask;
}
