using System.Diagnostics;
using IpuNet.Faces;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Galleries;
using IpuNet.Service.Messages;
using IpuNet.Service.Models;
using IpuNet.Service.Queues;
using IpuNet.Service.Reembedding;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Enrolment;

/// <summary>Handles one job: its change of the gallery is durable, then its answer is, and only then it leaves the queue.</summary>
internal sealed class EnrolmentHandler(
    StorageAccount account, ServingModels serving, GalleryCache galleries, ReembeddingJobs reembedding, EnrolmentOptions options, TimeProvider time, ILogger logger)
{
    private readonly EnrolmentAnswers _answers = new(account, time);
    private readonly EnrolmentImages _images = new(account, options);
    private readonly SubjectPictures _pictures = new(account);
    private readonly TrialMarkers _trials = new(account);
    private readonly IntendedRemovals _removals = new(account, time);

    /// <summary>Handles a message, and ends it in the queue in one way or the other; throws nothing.</summary>
    /// <param name="message">The message.</param>
    /// <param name="stop">Gives up: the message goes back into the queue.</param>
    public async Task HandleAsync(LeasedMessage message, CancellationToken stop)
    {
        Activity.Current = message.Trace;
        await MessageEnd.EndAsync(message, await FailureOfAsync(message, stop).ConfigureAwait(false), logger, stop).ConfigureAwait(false);
    }

    private async Task<Exception?> FailureOfAsync(LeasedMessage message, CancellationToken stop)
    {
        try
        {
            Exception? failure = await AttemptAsync(message, stop).ConfigureAwait(false);
            // Whoever waits for the answer learns it, too.
            if (failure is JobRefusedException refusal)
                await AnswerAsync(message, EnrolmentStatus.Refused, refusal, stop).ConfigureAwait(false);
            else if (failure is not null && MessageEnd.GivenUp(message, failure) is { } reason)
                await AnswerAsync(message, EnrolmentStatus.Failed, reason, stop).ConfigureAwait(false);
            return failure;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private async Task<Exception?> AttemptAsync(LeasedMessage message, CancellationToken stop)
    {
        try
        {
            using var lost = CancellationTokenSource.CreateLinkedTokenSource(stop, message.Lost);
            EnrolmentJob job = EnrolmentJob.Read(message);
            bool isSuspected = message.DequeueCount > MessageEnd.TrustedDeliveries;
            if (isSuspected && await _trials.BeginAsync(StorageNames.Enrolments, job.Id, lost.Token).ConfigureAwait(false) > TrialMarkers.MaxTrials)
            {
                await _trials.EndAsync(StorageNames.Enrolments, job.Id, lost.Token).ConfigureAwait(false);
                throw new JobRefusedException("error", "Each time that the job was worked on, the worker ended. Send it again without the image that it cannot bear.");
            }

            await HandleAsync(job, lost.Token).ConfigureAwait(false);
            if (isSuspected)
                await _trials.EndAsync(StorageNames.Enrolments, job.Id, lost.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    private async Task HandleAsync(EnrolmentJob job, CancellationToken stop)
    {
        EnrolmentAnswer? answer = await _answers.FindAsync(job.Id, stop).ConfigureAwait(false);
        if (answer?.Action is not null && (answer.Gallery, answer.SubjectId, answer.Action) != (job.Message.Gallery, job.Message.SubjectId, job.Message.Action))
            throw new JobRefusedException("name", $"There is an answer to another job of the id '{job.Id}'. Give each job an id of its own.");
        // A job that was sent again is done again, but one that was merely delivered again is not.
        if (answer is null || !EnrolmentAnswers.IsOf(answer, job.SentAt))
        {
            answer = job.Message.Action switch
            {
                EnrolmentAction.Delete => await DeleteAsync(job, stop).ConfigureAwait(false),
                EnrolmentAction.Reembed => await ReembedAsync(job, stop).ConfigureAwait(false),
                _ => await EnrolAsync(job, stop).ConfigureAwait(false),
            };
            await _answers.WriteAsync(answer, stop).ConfigureAwait(false);
            EnrolmentMetrics.Done(job.Message.Action, answer.Status);
            logger.Done(job.Id, job.Message.Action, answer.Status);
        }

        await TidyAsync(job, stop).ConfigureAwait(false);
    }

    private async Task<EnrolmentAnswer> DeleteAsync(EnrolmentJob job, CancellationToken stop)
    {
        using var stage = PipelineStage.Begin("delete");
        RemovedSubject? before = await _removals.FindAsync(job.Id, stop).ConfigureAwait(false);
        SubjectRemoval removal = await GalleryOf(job).DeleteAsync(
            job.Message.SubjectId, job.SentAt, stop, intended => _removals.AddAsync(job.Id, RemovedSubject.Of(intended), stop))
            .ConfigureAwait(false);
        galleries.Memory.Ask();
        var removed = RemovedSubject.Of(removal);
        return AnswerOf(job, EnrolmentStatus.Ok) with
        {
            Embeddings = removal.Left,
            Removed = before is null ? removed : removed.With(before),
        };
    }

    private async Task<EnrolmentAnswer> ReembedAsync(EnrolmentJob job, CancellationToken stop)
    {
        using var stage = PipelineStage.Begin("reembed");
        try
        {
            bool isTrusted = false;
            ReembeddingReport report = await reembedding.RunAsync(
                job,
                async progress =>
                {
                    // A long job may be delivered often, as workers come and go; it is suspected only where it does not get on.
                    if (isTrusted || progress.Faces == 0)
                        return;
                    isTrusted = true;
                    await _trials.EndAsync(StorageNames.Enrolments, job.Id, stop).ConfigureAwait(false);
                },
                stop).ConfigureAwait(false);
            return AnswerOf(job, report.IsReady ? EnrolmentStatus.Ok : EnrolmentStatus.Refused) with
            {
                Reembedded = report,
                Reason = report.IsReady ? null : $"{report.LeftBehind.Count} subjects have faces that cannot be embedded: enrol them anew, delete them, or have them left behind.",
            };
        }
        catch (FaceDataException refusal)
        {
            return AnswerOf(job, EnrolmentStatus.Refused) with { Reason = refusal.Message };
        }
    }

    private async Task<EnrolmentAnswer> EnrolAsync(EnrolmentJob job, CancellationToken stop)
    {
        IReadOnlyList<JudgedImage> judged = [];
        using ModelLease lease = serving.Borrow();
        PipelineModels models = lease.Models;
        try
        {
            // Looked for first, too: the images of a job from before the deletion may be gone.
            await GalleryOf(job).RequireNotDeletedAsync(job.Message.SubjectId, job.SentAt, stop).ConfigureAwait(false);
            // Whoever searches the gallery would find nobody in it any more if the faces of two recognisers were mixed.
            await galleries.GetAsync(job.Message.Gallery, models.Source, models.Embedder!.Dimensions, stop).ConfigureAwait(false);
            judged = await _images.JudgeAsync(job, models, stop).ConfigureAwait(false);
            SubjectEmbedding[] faces = [.. judged.Select(image => image.Embedding).OfType<SubjectEmbedding>()];
            foreach (JudgedImage refused in judged.Where(image => !image.Verdict.Accepted))
                EnrolmentMetrics.Refused(refused.Verdict.Category!);
            if (faces.Length == 0)
                return Answer(EnrolmentStatus.Refused, "No image can be enrolled; each says why.", null);
            using var stage = PipelineStage.Begin("enrol");
            if (options.Retain == FaceRetention.Crops)
                await KeepAsync(job, judged, stop).ConfigureAwait(false);
            SubjectRecord subject = job.Message.Action == EnrolmentAction.Add
                ? await GalleryOf(job).AddAsync(job.Message.SubjectId, faces, job.SentAt, stop).ConfigureAwait(false)
                : await GalleryOf(job).ReplaceAsync(job.Message.SubjectId, faces, job.SentAt, stop).ConfigureAwait(false);
            if (!await GalleryOf(job).IsLatestAsync(models.Source, stop).ConfigureAwait(false))
                await reembedding.AskAsync(job.Message.Gallery, stop).ConfigureAwait(false);
            int? embeddings = subject.Of(models.Source)?.Embeddings.Count;
            subject.Overwrite();
            return Answer(EnrolmentStatus.Ok, null, null) with { Embeddings = embeddings };
        }
        catch (FaceDataException refusal)
        {
            return Answer(EnrolmentStatus.Refused, refusal.Message, "the job is refused");
        }
        finally
        {
            foreach (JudgedImage image in judged)
            {
                image.Embedding?.Overwrite();
                DeletedMemory.Overwrite(image.Aligned?.Pixels);
            }
        }

        EnrolmentAnswer Answer(EnrolmentStatus status, string? reason, string? imageReason) => AnswerOf(job, status) with
        {
            Reason = reason,
            Images =
            [
                .. judged.Select((image, i) => new EnrolledImage(
                    job.Images[i].Name, image.Verdict.Accepted && imageReason is null, image.Verdict.Refusal ?? imageReason, image.Verdict.Quality)),
            ],
        };
    }

    private Task KeepAsync(EnrolmentJob job, IReadOnlyList<JudgedImage> judged, CancellationToken stop) => GalleryOf(job).KeepAsync(
        job.Message.SubjectId, judged.Where(image => image.Embedding is not null).Select(image => (image.Embedding!, image.Aligned!)), stop);

    // Of what was uploaded for the job, only pictures stay that the subject's record names: nobody would find the others when the subject is deleted.
    private async Task TidyAsync(EnrolmentJob job, CancellationToken stop)
    {
        if (job.Message.Action == EnrolmentAction.Delete)
            await _removals.EndAsync(job.Id, stop).ConfigureAwait(false);
        if (job.Message.Action is not (EnrolmentAction.Add or EnrolmentAction.Replace))
            return;
        EnrolmentImage[] own = [.. job.Images.Where(image => image.IsUploadedFor(job.Id))];
        try
        {
            await GalleryOf(job).ForgetUnusedAsync(job.Message.SubjectId, job.SentAt, stop).ConfigureAwait(false);
            SubjectRecord? subject = await GalleryOf(job).FindAsync(job.Message.SubjectId, stop).ConfigureAwait(false);
            foreach (EnrolmentImage image in own.Where(image => options.Retain == FaceRetention.EmbeddingsOnly || !SubjectPictures.IsNamed(subject, image)))
                await _pictures.RemoveAsync(image, stop).ConfigureAwait(false);
            subject?.Overwrite();
        }
        catch (FaceDataException)
        {
            // A damaged record may name them.
        }
    }

    private Task AnswerAsync(LeasedMessage message, EnrolmentStatus status, JobRefusedException reason, CancellationToken stop) =>
        _answers.TryGiveUpAsync(message.Body, message.SentAt, status, reason.Message, stop);

    private EnrolmentAnswer AnswerOf(EnrolmentJob job, EnrolmentStatus status) => new()
    {
        JobId = job.Id,
        Gallery = job.Message.Gallery,
        SubjectId = job.Message.SubjectId,
        Action = job.Message.Action,
        Status = status,
        SentAt = job.SentAt,
        FinishedAt = time.GetUtcNow(),
    };

    private BlobGallery GalleryOf(EnrolmentJob job) => new(account, job.Message.Gallery, time);
}
