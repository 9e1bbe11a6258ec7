using System.Runtime.CompilerServices;
using System.Threading.Channels;
using IpuNet.Faces.Enhancement;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Telemetry;

namespace IpuNet.Faces.Pipeline;

/// <summary>
/// Makes embeddings of the faces in images: reads and decodes the images, finds and aligns the faces, super-resolves them by the policy,
/// and embeds them. Images are decoded on all cores ahead of the models. The models run on batches: while faces are found in one batch, the
/// faces of the batch before are embedded. Only a few images are in memory at a time, within <see cref="ImagePipelineOptions.Memory"/>.
/// </summary>
/// <param name="models">The models. The caller keeps and disposes them.</param>
/// <param name="options">The options. Null takes the defaults.</param>
/// <param name="time">Measures <see cref="ImageResult.Timings"/>. Null takes the system's clock.</param>
public sealed class ImagePipeline(PipelineModels models, ImagePipelineOptions? options = null, TimeProvider? time = null)
{
    // Large photos do not wait for a full batch: one of 40 million pixels takes 120 MB.
    private const long BatchPixels = 48_000_000;

    private readonly ImagePipelineOptions _options = options ?? new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly FaceLocator _locator = new(models.Detector, models.Straightener, options?.MinFace);
    private readonly PolicyEmbedder _embedder = new(models);

    /// <summary>Processes images.</summary>
    /// <param name="images">The images. The sequence is read only as fast as images are processed.</param>
    /// <param name="cancellation">Cancels the operation after the current batch.</param>
    /// <returns>One result for each image, in their order, batch by batch. An error of an image is in its result.</returns>
    /// <typeparam name="TSource">The caller's type of image source.</typeparam>
    public IAsyncEnumerable<IReadOnlyList<ImageResult<TSource>>> RunAsync<TSource>(
        IEnumerable<TSource> images, CancellationToken cancellation = default)
        where TSource : ImageSource =>
        RunAsync(images.ToAsyncEnumerable(), cancellation);

    /// <summary>
    /// Processes images as they come. If no further image is ready, the images so far do not wait for a full batch.
    /// </summary>
    /// <param name="images">The images. The sequence is read only as fast as images are processed.</param>
    /// <param name="cancellation">Cancels the operation after the current batch.</param>
    /// <returns>One result for each image, in their order, batch by batch. An error of an image is in its result.</returns>
    /// <typeparam name="TSource">The caller's type of image source.</typeparam>
    public async IAsyncEnumerable<IReadOnlyList<ImageResult<TSource>>> RunAsync<TSource>(
        IAsyncEnumerable<TSource> images, [EnumeratorCancellation] CancellationToken cancellation = default)
        where TSource : ImageSource
    {
        ArgumentNullException.ThrowIfNull(images);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var memory = new DecodeQueue(_options.Memory);
        var decoded = Channel.CreateBounded<PipelineImage<TSource>?>(_options.Decoders);
        var located = Channel.CreateBounded<PipelineImage<TSource>[]>(1);
        var recognised = Channel.CreateBounded<ImageResult<TSource>[]>(1);
        Task[] stages =
        [
            Stage(() => DecodeAsync(images, memory, decoded.Writer, stop.Token), decoded.Writer),
            Stage(() => LocateAsync(decoded.Reader, located.Writer, stop.Token), located.Writer),
            Stage(() => RecogniseAsync(located.Reader, recognised.Writer, stop.Token), recognised.Writer),
        ];
        try
        {
            await foreach (ImageResult<TSource>[] batch in recognised.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
                yield return batch;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(stages).ConfigureAwait(false);
            memory.Close();
        }
    }

    // A stage passes its error to the next stage, and so to the caller.
    private static Task Stage<T>(Func<Task> run, ChannelWriter<T> writer) => Task.Run(async () =>
    {
        Task stage = run();
        await stage.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        writer.Complete(stage.IsCanceled ? new OperationCanceledException() : stage.Exception?.InnerException);
    });

    // Writes null if no further image is ready.
    private async Task DecodeAsync<TSource>(
        IAsyncEnumerable<TSource> images, DecodeQueue memory, ChannelWriter<PipelineImage<TSource>?> writer, CancellationToken stop)
        where TSource : ImageSource
    {
        await using var enumerator = images.GetAsyncEnumerator(stop);
        while (true)
        {
            Task<bool> next = enumerator.MoveNextAsync().AsTask();
            // Even if writing fails, MoveNextAsync must end before the enumerator may be disposed.
            if (!next.IsCompleted)
                await writer.WriteAsync(null, stop).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!await next.ConfigureAwait(false))
                return;
            TSource source = enumerator.Current;
            // Decoding begins when the channel has room for the image.
            await writer.WaitToWriteAsync(stop).ConfigureAwait(false);
            var image = new PipelineImage<TSource>(source, source.Faces ?? _options.Faces, memory.Next());
            image.BeginDecoding(_options.Limits, _time, stop);
            await writer.WriteAsync(image, stop).ConfigureAwait(false);
        }
    }

    private async Task LocateAsync<TSource>(
        ChannelReader<PipelineImage<TSource>?> reader, ChannelWriter<PipelineImage<TSource>[]> writer, CancellationToken stop)
        where TSource : ImageSource
    {
        var batch = new List<PipelineImage<TSource>>();
        await foreach (PipelineImage<TSource>? image in reader.ReadAllAsync(stop).ConfigureAwait(false))
        {
            if (image is not null)
            {
                // The new image may wait for the memory of the images in this batch, which wait for it.
                if (batch.Count > 0 && await image.IsHeldAsync().ConfigureAwait(false))
                    await LocateBatchAsync().ConfigureAwait(false);
                await image.Decoded.ConfigureAwait(false);
                batch.Add(image);
            }

            long pixels = batch.Sum(decoded => decoded.Pixels is { } p ? (long)p.Width * p.Height : 0);
            bool isFull = batch.Count >= _options.BatchSize || pixels >= BatchPixels;
            // After a null, further images may have come.
            bool hasNoMore = image is null && batch.Count > 0 && !reader.TryPeek(out _);
            if (isFull || hasNoMore)
                await LocateBatchAsync().ConfigureAwait(false);
        }

        if (batch.Count > 0)
            await LocateBatchAsync().ConfigureAwait(false);

        async Task LocateBatchAsync()
        {
            PipelineImage<TSource>[] images = [.. batch];
            batch.Clear();
            Locate(images);
            foreach (PipelineImage<TSource> image in images)
                image.Free();
            await writer.WriteAsync(images, stop).ConfigureAwait(false);
        }
    }

    private void Locate<TSource>(PipelineImage<TSource>[] batch)
        where TSource : ImageSource
    {
        PipelineImage<TSource>[] readable = [.. batch.Where(image => image.Pixels is not null)];
        using var stage = PipelineStage.Begin("detect", readable.Select(image => image.Source.Trace));
        long start = _time.GetTimestamp();
        var faces = _locator.Locate([.. readable.Select(image => image.Pixels!)], [.. readable.Select(image => image.Mode)]);
        double each = MillisecondsOf(_time.GetElapsedTime(start), 1, readable.Length);
        for (int i = 0; i < readable.Length; i++)
            readable[i].TakeFaces(faces[i], each);
    }

    private async Task RecogniseAsync<TSource>(
        ChannelReader<PipelineImage<TSource>[]> reader, ChannelWriter<ImageResult<TSource>[]> writer, CancellationToken stop)
        where TSource : ImageSource
    {
        await foreach (PipelineImage<TSource>[] batch in reader.ReadAllAsync(stop).ConfigureAwait(false))
            await writer.WriteAsync(Recognise(batch), stop).ConfigureAwait(false);
    }

    private ImageResult<TSource>[] Recognise<TSource>(PipelineImage<TSource>[] batch)
        where TSource : ImageSource
    {
        LocatedFace[] located = [.. batch.SelectMany(image => image.Faces)];
        using var stage = PipelineStage.Begin(
            "recognise", batch.Where(image => image.Faces.Count > 0).Select(image => image.Source.Trace));
        long start = _time.GetTimestamp();
        var faces = new Queue<FaceResult>(_embedder.Apply(located, _options.Enhance));
        TimeSpan took = _time.GetElapsedTime(start);
        return
        [
            .. batch.Select(image => image.ToResult(
                [.. image.Faces.Select(_ => faces.Dequeue())], MillisecondsOf(took, image.Faces.Count, located.Length))),
        ];
    }

    /// <summary>The share of a time that falls to some of many items, in milliseconds, rounded to 0.01 ms.</summary>
    internal static double MillisecondsOf(TimeSpan all, int some, int many) =>
        many == 0 ? 0 : Math.Round(all.TotalMilliseconds * some / many, 2);
}

/// <summary>Super-resolves the faces that the options and the policy choose, and embeds all faces. Many threads may share one.</summary>
internal sealed class PolicyEmbedder(PipelineModels models)
{
    private readonly FaceEnhancingEmbedder? _both =
        models is { Enhancer: { } enhancer, Embedder: { } embedder } ? new FaceEnhancingEmbedder(enhancer, embedder) : null;

    /// <summary>Super-resolves and embeds faces.</summary>
    /// <returns>One result for each face, in their order.</returns>
    public FaceResult[] Apply(IReadOnlyList<LocatedFace> faces, EnhanceChoice choice)
    {
        ILookup<bool, int> indices = Enumerable.Range(0, faces.Count).ToLookup(i => models.Enhances(faces[i].SourceHeight, choice));
        var results = new FaceResult[faces.Count];
        Fill(results, faces, [.. indices[true]], enhance: true);
        Fill(results, faces, [.. indices[false]], enhance: false);
        return results;
    }

    private void Fill(FaceResult[] results, IReadOnlyList<LocatedFace> faces, int[] indices, bool enhance)
    {
        if (indices.Length == 0)
            return;
        RgbImage[] aligned = [.. indices.Select(i => faces[i].Aligned)];
        var (pictures, embeddings) = enhance ? Enhance(aligned) : (null, models.Embedder?.Embed(aligned));
        for (int i = 0; i < indices.Length; i++)
            results[indices[i]] = new FaceResult(faces[indices[i]], pictures?[i], embeddings?[i]);
    }

    private (IReadOnlyList<RgbImage>? Pictures, IReadOnlyList<float[]>? Embeddings) Enhance(RgbImage[] aligned)
    {
        if (_both is null)
            return (models.Enhancer!.Enhance(aligned), null);
        EnhancedFaces enhanced = _both.Run(aligned);
        return (enhanced.Pictures, enhanced.Embeddings);
    }
}
