using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Telemetry;
using IpuNet.Service.Models;
using IpuNet.Service.Reports;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Recognition;

/// <summary>
/// Moves images through the worker: download, recognise, match, write. Images of all messages share the models' batches. Downloads, models
/// and uploads run at the same time, and the work ahead of the models is bounded.
/// </summary>
internal sealed class RecognitionLine(
    StorageAccount account, ServingModels models, ImageMatcher matcher, ReportImages reported, RecognitionOptions options, ILogger logger)
{
    private const long BytesAhead = 256L << 20;

    private readonly Channel<ImageJob> _jobs = Channel.CreateBounded<ImageJob>(options.Transfers);
    private readonly Channel<FetchedImage> _fetched = Channel.CreateBounded<FetchedImage>(2 * options.BatchSize);
    private readonly Channel<(ImageResult<FetchedImage> Result, ImageAnswer Answer)> _recognised =
        Channel.CreateBounded<(ImageResult<FetchedImage> Result, ImageAnswer Answer)>(2 * options.BatchSize);
    private readonly ConcurrentDictionary<FetchedImage, bool> _inPipeline = new(ReferenceEqualityComparer.Instance);
    private readonly ByteBudget _budget = new(BytesAhead);
    private readonly ImageFetcher _fetcher = new(account, options.MaxImageBytes);
    private readonly ResultWriter _writer = new(account, reported);

    /// <summary>Puts an image on the line. Waits while the line is full.</summary>
    public ValueTask AddAsync(ImageJob job, CancellationToken cancellation) => _jobs.Writer.WriteAsync(job, cancellation);

    /// <summary>Ends the input. <see cref="RunAsync"/> returns after the images on the line are done.</summary>
    public void Complete() => _jobs.Writer.TryComplete();

    /// <summary>Runs the line.</summary>
    /// <param name="cancellation">Stops at once. Images on the line stay undone.</param>
    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(
        Task.Run(() => FetchAllAsync(cancellation), CancellationToken.None),
        Task.Run(() => RecogniseAllAsync(cancellation), CancellationToken.None),
        Task.Run(() => WriteAllAsync(cancellation), CancellationToken.None));

    /// <summary>Processes one image outside the line, alone in the models' batch.</summary>
    /// <param name="job">The image.</param>
    /// <param name="failure">The failure that the image's result states without processing; null to process the image.</param>
    /// <param name="cancellation">Stops at once.</param>
    public async Task RunAloneAsync(ImageJob job, string? failure, CancellationToken cancellation)
    {
        if (await _fetcher.FetchAsync(job, cancellation).ConfigureAwait(false) is { } image)
            await RunAloneAsync(image, failure, cancellation).ConfigureAwait(false);
    }

    private async Task RunAloneAsync(FetchedImage image, string? failure, CancellationToken cancellation)
    {
        using ModelLease lease = models.Borrow();
        ImageResult<FetchedImage>[] results = failure is not null
            ? [new ImageResult<FetchedImage>(image, ImageStatus.Failed, failure, null, [])]
            : [.. await new ImagePipeline(lease.Models, options.Pipeline).RunAsync([image], cancellation).SelectMany(batch => batch)
                .ToListAsync(cancellation).ConfigureAwait(false)];
        var answers = await matcher.IdentifyAsync(lease.Models, image.Job.Gallery, results, cancellation).ConfigureAwait(false);
        await _writer.WriteAsync(results[0], answers[0], cancellation).ConfigureAwait(false);
    }

    private async Task FetchAllAsync(CancellationToken stop)
    {
        try
        {
            await Parallel.ForEachAsync(
                _jobs.Reader.ReadAllAsync(stop), Parallelism(stop),
                (job, cancellation) => OfJobAsync(job, () => FetchAsync(job, cancellation)))
                .ConfigureAwait(false);
        }
        finally
        {
            _fetched.Writer.TryComplete();
        }
    }

    private async Task FetchAsync(ImageJob job, CancellationToken stop)
    {
        FetchedImage? image = await _fetcher.FetchAsync(job, stop).ConfigureAwait(false);
        if (image is null)
        {
            job.Complete();
            return;
        }

        await _budget.TakeAsync(image.Size, stop).ConfigureAwait(false);
        await _fetched.Writer.WriteAsync(image, stop).ConfigureAwait(false);
    }

    private async Task RecogniseAllAsync(CancellationToken stop)
    {
        try
        {
            while (await _fetched.Reader.WaitToReadAsync(stop).ConfigureAwait(false))
            {
                if (!await TryRecogniseAsync(stop).ConfigureAwait(false))
                    await RunFailedAloneAsync(stop).ConfigureAwait(false);
            }
        }
        finally
        {
            _recognised.Writer.TryComplete();
        }
    }

    // Ends when there are no more images, or when other models are in use. All images that these models have begun are finished first.
    // False if the models failed; their images are then in _inPipeline.
    private async Task<bool> TryRecogniseAsync(CancellationToken stop)
    {
        using ModelLease lease = models.Borrow();
        try
        {
            var pipeline = new ImagePipeline(lease.Models, options.Pipeline);
            await foreach (var batch in pipeline.RunAsync(SourcesAsync(lease.Replaced, stop), stop).ConfigureAwait(false))
            {
                RecognitionMetrics.Batch(batch.Count);
                foreach (var images in batch.GroupBy(result => result.Source.Job.Gallery))
                    await MatchAsync(lease.Models, images.Key, [.. images], stop).ConfigureAwait(false);
            }

            return true;
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            logger.PipelineFailed(error, _inPipeline.Count);
            return false;
        }
    }

    private async IAsyncEnumerable<FetchedImage> SourcesAsync(CancellationToken replaced, [EnumeratorCancellation] CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, replaced);
        while (await IsMoreFetchedAsync(end.Token, stop).ConfigureAwait(false) && _fetched.Reader.TryRead(out FetchedImage? image))
        {
            if (image.Job.IsLost)
            {
                image.Job.Cancel();
                _budget.Release(image.Size);
                continue;
            }

            _inPipeline[image] = true;
            yield return image;
        }
    }

    private async Task<bool> IsMoreFetchedAsync(CancellationToken end, CancellationToken stop)
    {
        try
        {
            return await _fetched.Reader.WaitToReadAsync(end).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task MatchAsync(PipelineModels used, string gallery, ImageResult<FetchedImage>[] results, CancellationToken stop)
    {
        FetchedImage[] images = [.. results.Select(result => result.Source)];
        try
        {
            var answers = await matcher.IdentifyAsync(used, gallery, results, stop).ConfigureAwait(false);
            for (int i = 0; i < images.Length; i++)
                await _recognised.Writer.WriteAsync((results[i], answers[i]), stop).ConfigureAwait(false);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            foreach (FetchedImage image in images)
                image.Job.Fail(error);
        }

        foreach (FetchedImage image in images)
            Leave(image);
    }

    private async Task RunFailedAloneAsync(CancellationToken stop)
    {
        foreach (FetchedImage image in _inPipeline.Keys.ToArray())
        {
            await OfJobAsync(image.Job, async () =>
            {
                await RunAloneAsync(image, failure: null, stop).ConfigureAwait(false);
                image.Job.Complete();
            }).ConfigureAwait(false);
            Leave(image);
        }
    }

    private void Leave(FetchedImage image)
    {
        if (_inPipeline.TryRemove(image, out _))
            _budget.Release(image.Size);
    }

    private Task WriteAllAsync(CancellationToken stop) => Parallel.ForEachAsync(
        _recognised.Reader.ReadAllAsync(stop), Parallelism(stop), (done, cancellation) => OfJobAsync(done.Result.Source.Job, async () =>
        {
            await _writer.WriteAsync(done.Result, done.Answer, cancellation).ConfigureAwait(false);
            done.Result.Source.Job.Complete();
        }));

    // The error of one image goes to its job, and the line continues.
    private static async ValueTask OfJobAsync(ImageJob job, Func<Task> step)
    {
        if (job.IsLost)
        {
            job.Cancel();
            return;
        }

        try
        {
            await step().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            job.Fail(error);
        }
    }

    private ParallelOptions Parallelism(CancellationToken stop) =>
        new() { MaxDegreeOfParallelism = options.Transfers, CancellationToken = stop };
}

/// <summary>Downloads images that do not have their result yet.</summary>
internal sealed class ImageFetcher(StorageAccount account, long maxBytes)
{
    private const int NotModified = 304, NotFound = 404;

    private readonly ResultStore _results = new(account);

    /// <returns>Null if the result exists.</returns>
    /// <exception cref="UnreadableBlobException">The upload's content is lost.</exception>
    public async Task<FetchedImage?> FetchAsync(ImageJob job, CancellationToken cancellation)
    {
        using var stage = PipelineStage.Begin("download", [job.Trace]);
        FormerResult? former = job.IsNew ? null : await _results.FindAsync(job.Upload, cancellation).ConfigureAwait(false);
        BlobClient upload = account.Container(StorageNames.Uploads).GetBlobClient(job.Upload.Blob);
        // One request checks whether the result is about this version of the upload, and downloads the upload if not.
        var options = new BlobDownloadOptions
        {
            Conditions = former is { UploadETag.Length: > 0 } ? new() { IfNoneMatch = new ETag(former.UploadETag) } : null,
        };
        try
        {
            return await upload.ReadingAsync(() => DownloadAsync(), cancellation).ConfigureAwait(false);
        }
        catch (RequestFailedException error) when (error.Status == NotModified)
        {
            return null;
        }
        catch (RequestFailedException error) when (error.Status == NotFound)
        {
            // Users may delete uploads that have a result.
            return await _results.FindAsync(job.Upload, cancellation).ConfigureAwait(false) is not null
                ? null
                : new FetchedImage(
                    job, ResultMetadata.NoUpload,
                    () => throw new FileNotFoundException("the upload does not exist; upload it again"), null);
        }

        async Task<FetchedImage?> DownloadAsync()
        {
            Response<BlobDownloadStreamingResult> response = await upload.DownloadStreamingAsync(
                options, cancellation).ConfigureAwait(false);
            if (response.GetRawResponse().Status == NotModified)
                return null;
            using BlobDownloadStreamingResult download = response.Value;
            string version = download.Details.ETag.ToString();
            try
            {
                byte[] data = await download.ReadAsync(maxBytes, cancellation).ConfigureAwait(false);
                return new FetchedImage(job, version, () => data, former) { Size = data.Length };
            }
            catch (FaceDataException tooLong)
            {
                return new FetchedImage(job, version, () => throw tooLong, former);
            }
        }
    }
}
