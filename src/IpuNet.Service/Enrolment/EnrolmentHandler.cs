using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;
using IpuNet.Faces.Telemetry;
using IpuNet.Service.Galleries;
using IpuNet.Service.Models;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Enrolment;

/// <summary>Handles one job. The gallery change is durable first, then the answer; only then the message leaves the queue.</summary>
internal sealed class EnrolmentHandler(
    StorageAccount account, ServingModels serving, GalleryCache galleries, ReembeddingJobs reembedding, EnrolmentOptions options,
    TimeProvider time, ILogger logger)
{
    private readonly EnrolmentAnswers _answers = new(account, time);
    private readonly EnrolmentImages _images = new(account, options);
    private readonly SubjectPictures _pictures = new(account);
    private readonly TrialCounter _trials = new(account);
    private readonly IntendedRemovals _removals = new(account, time);

    /// <summary>Handles a message and ends it in the queue. Throws nothing.</summary>
    /// <param name="message">The message.</param>
    /// <param name="stop">Cancels the handling; the message returns to the queue.</param>
    public async Task HandleAsync(LeasedMessage message, CancellationToken stop)
    {
        Activity.Current = message.Trace;
        Exception? failure = await FailureOfAsync(message, stop).ConfigureAwait(false);
        await MessageSettlement.SettleAsync(message, failure, logger, stop).ConfigureAwait(false);
    }

    private async Task<Exception?> FailureOfAsync(LeasedMessage message, CancellationToken stop)
    {
        try
        {
            Exception? failure = await AttemptAsync(message, stop).ConfigureAwait(false);
            // The sender who waits for the answer gets one too.
            if (failure is JobRefusedException refusal)
                await AnswerAsync(message, EnrolmentStatus.Refused, refusal, stop).ConfigureAwait(false);
            else if (failure is not null && MessageSettlement.GivenUp(message, failure) is { } reason)
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
            bool isSuspected = message.DequeueCount > MessageSettlement.TrustedDeliveries;
            if (isSuspected
                && await _trials.BeginAsync(StorageNames.Enrolments, job.Id, lost.Token).ConfigureAwait(false) > TrialCounter.MaxTrials)
            {
                await _trials.EndAsync(StorageNames.Enrolments, job.Id, lost.Token).ConfigureAwait(false);
                throw new JobRefusedException(
                    "error",
                    "The worker died each time that it ran this job. Send the job again without the image that causes it.");
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
        if (answer?.Action is not null
            && (answer.Gallery, answer.SubjectId, answer.Action) != (job.Message.Gallery, job.Message.SubjectId, job.Message.Action))
            throw new JobRefusedException(
                "name", $"Another job has the id '{job.Id}', and its answer exists. Give each job its own id.");
        // A job that was sent again is done again. A job that was only delivered again is not.
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
            job.Message.SubjectId, job.SentAt, stop, intended => _removals.AddAsync(job.Id, intended.Answer, stop))
            .ConfigureAwait(false);
        galleries.Memory.Ask();
        RemovedSubject removed = removal.Answer;
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
                    // A long job may be delivered often, as workers come and go. It is suspected only if it makes no progress.
                    if (isTrusted || progress.Faces == 0)
                        return;
                    isTrusted = true;
                    await _trials.EndAsync(StorageNames.Enrolments, job.Id, stop).ConfigureAwait(false);
                },
                stop).ConfigureAwait(false);
            return AnswerOf(job, report.IsReady ? EnrolmentStatus.Ok : EnrolmentStatus.Refused) with
            {
                Reembedded = report,
                Reason = report.IsReady
                    ? null
                    : $"{Counted.Of(report.LeftBehind.Count, "subject has", "subjects have")} faces that cannot be "
                        + "embedded. Enrol them again, delete them, or send the job with leaveBehind set to true.",
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
            // Checked before the images are read, because the images of a job from before the deletion may be gone.
            await GalleryOf(job).RequireNotDeletedAsync(job.Message.SubjectId, job.SentAt, stop).ConfigureAwait(false);
            // Faces of two recognisers must not be mixed: a search would then find nobody.
            await galleries.GetAsync(job.Message.Gallery, models.Source, models.Embedder!.Dimensions, stop).ConfigureAwait(false);
            judged = await _images.JudgeAsync(job, models, stop).ConfigureAwait(false);
            SubjectEmbedding[] faces = [.. judged.Select(image => image.Embedding).OfType<SubjectEmbedding>()];
            foreach (JudgedImage refused in judged.Where(image => !image.Verdict.Accepted))
                EnrolmentMetrics.Refused(refused.Verdict.Category!);
            if (faces.Length == 0)
                return Answer(EnrolmentStatus.Refused, "No image can be enrolled. Each image has its own reason.", null);
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
                image.Overwrite();
        }

        EnrolmentAnswer Answer(EnrolmentStatus status, string? reason, string? imageReason) => AnswerOf(job, status) with
        {
            Reason = reason,
            Images =
            [
                .. judged.Select((image, i) => new EnrolledImage(
                    job.Images[i].Name, image.Verdict.Accepted && imageReason is null, image.Verdict.Refusal ?? imageReason,
                    image.Verdict.Quality)),
            ],
        };
    }

    private Task KeepAsync(EnrolmentJob job, IReadOnlyList<JudgedImage> judged, CancellationToken stop) => GalleryOf(job).KeepAsync(
        job.Message.SubjectId, judged.Where(image => image.Embedding is not null).Select(image => (image.Embedding!, image.Aligned!)),
        stop);

    // Of the pictures uploaded for the job, only those that the subject's record names may stay. A deletion of the subject would not find
    // others.
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
            foreach (EnrolmentImage image in own.Where(
                image => options.Retain == FaceRetention.EmbeddingsOnly || !SubjectDeparture.IsNamed(subject, image)))
                await _pictures.RemoveAsync(image, stop).ConfigureAwait(false);
            subject?.Overwrite();
        }
        catch (FaceDataException)
        {
            // The record is damaged and may name the pictures, so they stay.
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

/// <summary>
/// Records what a deletion intends to remove. The record is written before anything is removed and kept until the deletion has its answer.
/// So the answer counts everything that the job removed, even if an attempt was cut off. The record holds numbers, and names of training
/// images, which still exist.
/// </summary>
internal sealed class IntendedRemovals(StorageAccount account, TimeProvider time)
{
    /// <summary>Adds the traces that an attempt is about to remove to those of earlier attempts.</summary>
    public Task AddAsync(string jobId, RemovedSubject intended, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(jobId);
        return OptimisticConcurrency.RetryAsync(
            $"What job {jobId} removes",
            time,
            async () =>
            {
                BlobDownloadResult? read = await blob.TryReadAsync(cancellation).ConfigureAwait(false);
                RemovedSubject all = Parse(read) is { } before ? intended.With(before) : intended;
                byte[] json = StrictJson.Write(all, RemovalJson.Default.RemovedSubject);
                return await blob.TryReplaceAsync(json, read?.Details.ETag, cancellation).ConfigureAwait(false) is null ? null : all;
            },
            cancellation);
    }

    /// <summary>Finds what a job intends to remove, over all its attempts.</summary>
    /// <returns>Null if nothing is recorded.</returns>
    public async Task<RemovedSubject?> FindAsync(string jobId, CancellationToken cancellation) =>
        Parse(await BlobOf(jobId).TryReadAsync(cancellation).ConfigureAwait(false));

    /// <summary>Deletes the record, because the job has its answer.</summary>
    public Task EndAsync(string jobId, CancellationToken cancellation) =>
        BlobOf(jobId).DeleteIfExistsAsync(cancellationToken: cancellation);

    // A damaged record counts as none: it affects only the numbers in the answer.
    private static RemovedSubject? Parse(BlobDownloadResult? blob)
    {
        try
        {
            return blob is null ? null : StrictJson.Read(blob.Content, RemovalJson.Default.RemovedSubject);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private BlobClient BlobOf(string jobId) => account.Container(StorageNames.Results).GetBlobClient(StorageNames.IntendedRemoval(jobId));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RemovedSubject))]
internal sealed partial class RemovalJson : JsonSerializerContext;
