using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Reembedding;
using IpuNet.Service.Galleries;
using IpuNet.Service.Models;
using IpuNet.Service.Queues;
using IpuNet.Service.Reembedding;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Enrolment;

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
