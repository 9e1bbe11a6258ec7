using System.Globalization;
using IpuNet.Service.Messages;
using IpuNet.Service.Models;
using IpuNet.Service.Queues;
using IpuNet.Service.Reembedding;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Enrolment;

/// <summary>Carries out the jobs that re-embed a gallery, and asks for one where an enrolment came too late for the last.</summary>
internal sealed class ReembeddingJobs(
    StorageAccount account, ServingModels serving, ModelSwitch? models, JobQueue queue, EnrolmentOptions options, TimeProvider time)
{
    /// <summary>Re-embeds the gallery of a job by the models that are to be used next, and has the worker use them where they waited for it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="progress">Is told after each subject.</param>
    /// <param name="cancellation">Stops; what is done stays done, and a job that comes again goes on from there.</param>
    /// <exception cref="Faces.FaceDataException">There is no such gallery.</exception>
    public async Task<ReembeddingReport> RunAsync(EnrolmentJob job, Func<ReembeddingProgress, ValueTask>? progress, CancellationToken cancellation)
    {
        await LookAsync(cancellation).ConfigureAwait(false);
        // Sent again, it is another job.
        var wish = new ReembeddingWish(job.Message.LeaveBehind, Job: string.Create(CultureInfo.InvariantCulture, $"{job.Id}|{job.SentAt:O}"));
        ReembeddingReport report;
        using (ModelLease lease = serving.BorrowNext())
        {
            report = await new GalleryReembedding(account, lease.Models, options, time)
                .RunAsync(job.Message.Gallery, wish, progress, cancellation).ConfigureAwait(false);
        }

        await LookAsync(cancellation).ConfigureAwait(false);
        return report;
    }

    /// <summary>Asks for the re-embedding of a gallery in which a face was enrolled by models that are no longer its latest.</summary>
    public Task AskAsync(string gallery, CancellationToken cancellation) =>
        queue.SendAsync(new EnrolmentMessage { JobId = $"reembed-{Guid.NewGuid():N}", Gallery = gallery, Action = EnrolmentAction.Reembed }, cancellation);

    private Task LookAsync(CancellationToken cancellation) => models?.LookAsync(cancellation) ?? Task.CompletedTask;
}
