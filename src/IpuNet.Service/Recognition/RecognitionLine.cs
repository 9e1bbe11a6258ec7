using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Models;
using IpuNet.Service.Reports;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Recognition;

/// <summary>
/// The way of images through the worker: downloaded, recognised, matched, written. Images of all messages share the models' batches;
/// downloads, models and uploads work at the same time, and what is ahead of the models is bounded.
/// </summary>
internal sealed class RecognitionLine(
    StorageAccount account, ServingModels models, ImageMatcher matcher, ReportImages reported, RecognitionOptions options, ILogger logger)
{
    private const long BytesAhead = 256L << 20;

    private readonly Channel<ImageJob> _jobs = Channel.CreateBounded<ImageJob>(options.Transfers);
    private readonly Channel<FetchedImage> _fetched = Channel.CreateBounded<FetchedImage>(2 * options.BatchSize);
    private readonly Channel<RecognisedImage> _recognised = Channel.CreateBounded<RecognisedImage>(2 * options.BatchSize);
    private readonly ConcurrentDictionary<FetchedImage, bool> _inPipeline = new(ReferenceEqualityComparer.Instance);
    private readonly ByteBudget _budget = new(BytesAhead);
    private readonly ImageFetcher _fetcher = new(account, options.MaxImageBytes);
    private readonly ResultWriter _writer = new(account, reported);

    /// <summary>Puts an image on the line; waits while it is full.</summary>
    public ValueTask AddAsync(ImageJob job, CancellationToken cancellation) => _jobs.Writer.WriteAsync(job, cancellation);

    /// <summary>No more images come; <see cref="RunAsync"/> ends with those that are on the line.</summary>
    public void Complete() => _jobs.Writer.TryComplete();

    /// <summary>Runs the line.</summary>
    /// <param name="cancellation">Stops at once; images on the line stay undone.</param>
    public Task RunAsync(CancellationToken cancellation) => Task.WhenAll(
        Task.Run(() => FetchAllAsync(cancellation), CancellationToken.None),
        Task.Run(() => RecogniseAllAsync(cancellation), CancellationToken.None),
        Task.Run(() => WriteAllAsync(cancellation), CancellationToken.None));

    /// <summary>Works on one image outside the line, with nothing beside it in the models' batch.</summary>
    /// <param name="job">The image.</param>
    /// <param name="failure">Why it is not worked on but gets a result that says so; null for an image that is.</param>
    /// <param name="cancellation">Stops at once.</param>
    public async Task RunAloneAsync(ImageJob job, string? failure, CancellationToken cancellation)
    {
        if (await _fetcher.FetchAsync(job, cancellation).ConfigureAwait(false) is { } image)
            await RunAloneAsync(image, failure, cancellation).ConfigureAwait(false);
    }

    private async Task RunAloneAsync(FetchedImage image, string? failure, CancellationToken cancellation)
    {
        using ModelLease lease = models.Borrow();
        ImageResult[] results = failure is not null
            ? [new ImageResult(image.Job.Upload.Image, ImageStatus.Failed, failure, null, []) { Tag = image }]
            : [.. await new ImagePipeline(lease.Models, options.Pipeline).RunAsync([image.ToSource()], cancellation).SelectMany(batch => batch)
                .ToListAsync(cancellation).ConfigureAwait(false)];
        var answers = await matcher.IdentifyAsync(lease.Models, image.Job.Gallery, results, cancellation).ConfigureAwait(false);
        await _writer.WriteAsync(image, results[0], answers[0], cancellation).ConfigureAwait(false);
    }

    private async Task FetchAllAsync(CancellationToken stop)
    {
        try
        {
            await Parallel.ForEachAsync(_jobs.Reader.ReadAllAsync(stop), Parallelism(stop), (job, cancellation) => OfJobAsync(job, () => FetchAsync(job, cancellation)))
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

    // Ends when no image comes any more, or others are in use than these models, with which all is finished that they have begun.
    // False where the models failed; the images that they had are then in _inPipeline.
    private async Task<bool> TryRecogniseAsync(CancellationToken stop)
    {
        using ModelLease lease = models.Borrow();
        try
        {
            await foreach (var batch in new ImagePipeline(lease.Models, options.Pipeline).RunAsync(SourcesAsync(lease.Replaced, stop), stop).ConfigureAwait(false))
            {
                RecognitionMetrics.Batch(batch.Count);
                foreach (var images in batch.GroupBy(result => ((FetchedImage)result.Tag!).Job.Gallery))
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

    private async IAsyncEnumerable<ImageSource> SourcesAsync(CancellationToken replaced, [EnumeratorCancellation] CancellationToken stop)
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
            yield return image.ToSource();
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

    private async Task MatchAsync(PipelineModels used, string gallery, ImageResult[] results, CancellationToken stop)
    {
        FetchedImage[] images = [.. results.Select(result => (FetchedImage)result.Tag!)];
        try
        {
            var answers = await matcher.IdentifyAsync(used, gallery, results, stop).ConfigureAwait(false);
            for (int i = 0; i < images.Length; i++)
                await _recognised.Writer.WriteAsync(new RecognisedImage(images[i], results[i], answers[i]), stop).ConfigureAwait(false);
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

    private Task WriteAllAsync(CancellationToken stop) =>
        Parallel.ForEachAsync(_recognised.Reader.ReadAllAsync(stop), Parallelism(stop), (done, cancellation) => OfJobAsync(done.Image.Job, async () =>
        {
            await _writer.WriteAsync(done.Image, done.Result, done.Answer, cancellation).ConfigureAwait(false);
            done.Image.Job.Complete();
        }));

    // What goes wrong with one image is told to whoever waits for it, and the line goes on.
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

    private ParallelOptions Parallelism(CancellationToken stop) => new() { MaxDegreeOfParallelism = options.Transfers, CancellationToken = stop };

    private sealed record RecognisedImage(FetchedImage Image, ImageResult Result, ImageAnswer Answer);
}
