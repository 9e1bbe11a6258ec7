using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace IpuNet.Faces.Pipeline;

/// <summary>
/// From images to recognised faces: read and decode, find and align the faces, super-resolve them by the policy, embed them. Images are
/// decoded on all cores ahead of the models, the models run over batches, and faces are found in one batch while those of the batch before
/// are recognised. Few images are in memory at a time, however many there are, and no more than <see cref="ImagePipelineOptions.Memory"/>
/// has room for.
/// </summary>
/// <param name="models">The models; they stay the caller's.</param>
/// <param name="options">How images are worked through; null for the defaults.</param>
/// <param name="time">What measures <see cref="ImageResult.Timings"/>; null for the system's clock.</param>
public sealed class ImagePipeline(PipelineModels models, ImagePipelineOptions? options = null, TimeProvider? time = null)
{
    // Photos of 40 million pixels take 120 MB each: they do not wait for a batch to be full.
    private const long BatchPixels = 48_000_000;

    private readonly ImagePipelineOptions _options = options ?? new();
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly FaceLocator _locator = new(models.Detector);
    private readonly FaceTreatment _treatment = new(models);

    /// <summary>Works through images.</summary>
    /// <param name="images">The images; taken as they are needed.</param>
    /// <param name="cancellation">Stops after the batch in hand.</param>
    /// <returns>One result for each image, in their order, batch by batch. What is wrong with an image is in its result.</returns>
    public IAsyncEnumerable<IReadOnlyList<ImageResult>> RunAsync(IEnumerable<ImageSource> images, CancellationToken cancellation = default) =>
        RunAsync(images.ToAsyncEnumerable(), cancellation);

    /// <summary>Works through images as they come. Where no further image is ready, those before it are not kept waiting for a full batch.</summary>
    /// <param name="images">The images; taken as they are needed.</param>
    /// <param name="cancellation">Stops after the batch in hand.</param>
    /// <returns>One result for each image, in their order, batch by batch. What is wrong with an image is in its result.</returns>
    public async IAsyncEnumerable<IReadOnlyList<ImageResult>> RunAsync(
        IAsyncEnumerable<ImageSource> images, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var memory = new DecodeQueue(_options.Memory);
        var decoded = Channel.CreateBounded<Decoding?>(_options.Decoders);
        var located = Channel.CreateBounded<LocatedImage[]>(1);
        var recognised = Channel.CreateBounded<ImageResult[]>(1);
        Task[] stages =
        [
            Stage(() => DecodeAsync(images, memory, decoded.Writer, stop.Token), decoded.Writer),
            Stage(() => LocateAsync(decoded.Reader, located.Writer, stop.Token), located.Writer),
            Stage(() => RecogniseAsync(located.Reader, recognised.Writer, stop.Token), recognised.Writer),
        ];
        try
        {
            await foreach (ImageResult[] batch in recognised.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
                yield return batch;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(stages).ConfigureAwait(false);
            memory.Close();
        }
    }

    // A stage's error goes to whoever reads what it writes, and so to the caller.
    private static Task Stage<T>(Func<Task> run, ChannelWriter<T> writer) => Task.Run(async () =>
    {
        Task stage = run();
        await stage.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        writer.Complete(stage.IsCanceled ? new OperationCanceledException() : stage.Exception?.InnerException);
    });

    // Null says that no further image is ready.
    private async Task DecodeAsync(
        IAsyncEnumerable<ImageSource> images, DecodeQueue memory, ChannelWriter<Decoding?> writer, CancellationToken stop)
    {
        await using var enumerator = images.GetAsyncEnumerator(stop);
        while (true)
        {
            Task<bool> next = enumerator.MoveNextAsync().AsTask();
            // Whatever ends the writing, an enumerator may be disposed only when it has answered.
            if (!next.IsCompleted)
                await writer.WriteAsync(null, stop).AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!await next.ConfigureAwait(false))
                return;
            ImageSource image = enumerator.Current;
            // Decoding begins when there is room for its result.
            await writer.WaitToWriteAsync(stop).ConfigureAwait(false);
            DecodeTurn turn = memory.Next();
            Task<DecodedImage> decoding = Task.Run(() => DecodedImage.FromAsync(image, _options.Limits, turn, _time, stop), stop);
            await writer.WriteAsync(new Decoding(turn, decoding), stop).ConfigureAwait(false);
        }
    }

    private async Task LocateAsync(ChannelReader<Decoding?> reader, ChannelWriter<LocatedImage[]> writer, CancellationToken stop)
    {
        var batch = new List<(DecodedImage Image, DecodeTurn Turn)>();
        await foreach (Decoding? decoding in reader.ReadAllAsync(stop).ConfigureAwait(false))
        {
            if (decoding is not null)
            {
                // It may wait for the memory of those that wait for it here.
                if (batch.Count > 0 && await decoding.IsHeldAsync().ConfigureAwait(false))
                    await LocateBatchAsync().ConfigureAwait(false);
                batch.Add((await decoding.Image.ConfigureAwait(false), decoding.Turn));
            }

            // Images may have come since none was ready.
            long pixels = batch.Sum(image => image.Image.Pixels is { } p ? (long)p.Width * p.Height : 0);
            bool isFull = batch.Count >= _options.BatchSize || pixels >= BatchPixels;
            bool isAwaited = decoding is null && batch.Count > 0 && !reader.TryPeek(out _);
            if (isFull || isAwaited)
                await LocateBatchAsync().ConfigureAwait(false);
        }

        if (batch.Count > 0)
            await LocateBatchAsync().ConfigureAwait(false);

        async Task LocateBatchAsync()
        {
            LocatedImage[] located = Locate([.. batch.Select(image => image.Image)]);
            DecodeTurn[] turns = [.. batch.Select(image => image.Turn)];
            batch.Clear();
            foreach (DecodeTurn turn in turns)
                turn.Free();
            await writer.WriteAsync(located, stop).ConfigureAwait(false);
        }
    }

    private LocatedImage[] Locate(DecodedImage[] batch)
    {
        DecodedImage[] readable = [.. batch.Where(image => image.Pixels is not null)];
        using var stage = PipelineStage.Begin("detect", readable.Select(image => image.Source.Trace));
        long start = _time.GetTimestamp();
        var faces = new Queue<IReadOnlyList<LocatedFace>>(
            _locator.Locate([.. readable.Select(image => image.Pixels!)], [.. readable.Select(image => image.Source.Faces ?? _options.Faces)]));
        double each = ImageTimings.Part(_time.GetElapsedTime(start), 1, readable.Length);
        return [.. batch.Select(image => image.Pixels is null ? new LocatedImage(image, [], 0) : Located(image, faces.Dequeue(), each))];
    }

    // The pixels are no longer needed.
    private LocatedImage Located(DecodedImage image, IReadOnlyList<LocatedFace> faces, double took)
    {
        bool wasCrop = (image.Source.Faces ?? _options.Faces) == FaceFinding.Crop;
        return new(image with { Pixels = null, Reason = wasCrop ? FaceLocator.CropFaultOf(image.Pixels!) : null }, faces, took);
    }

    private async Task RecogniseAsync(ChannelReader<LocatedImage[]> reader, ChannelWriter<ImageResult[]> writer, CancellationToken stop)
    {
        await foreach (LocatedImage[] batch in reader.ReadAllAsync(stop).ConfigureAwait(false))
            await writer.WriteAsync(Recognise(batch), stop).ConfigureAwait(false);
    }

    private ImageResult[] Recognise(LocatedImage[] batch)
    {
        LocatedFace[] located = [.. batch.SelectMany(image => image.Faces)];
        using var stage = PipelineStage.Begin("recognise", batch.Where(image => image.Faces.Count > 0).Select(image => image.Image.Source.Trace));
        long start = _time.GetTimestamp();
        var faces = new Queue<FaceResult>(_treatment.Apply(located, _options.Enhance));
        TimeSpan took = _time.GetElapsedTime(start);
        return [.. batch.Select(image => Result(
            image.Image,
            [.. image.Faces.Select(_ => faces.Dequeue())],
            new ImageTimings
            {
                Decode = ImageTimings.Part(image.Image.Took, 1, 1),
                Locate = image.Locating,
                Recognise = ImageTimings.Part(took, image.Faces.Count, located.Length),
            }))];
    }

    private static ImageResult Result(DecodedImage image, FaceResult[] faces, ImageTimings timings)
    {
        var (status, reason) = image.Status == ImageStatus.Ok && faces.Length == 0
            ? (ImageStatus.NoFace, image.Reason ?? "no face was found in it")
            : (image.Status, image.Reason);
        return new ImageResult(image.Source.Name, status, reason, image.Sha256, faces) { Timings = timings, Tag = image.Source.Tag };
    }

    private sealed record Decoding(DecodeTurn Turn, Task<DecodedImage> Image)
    {
        // Whether it has to wait for memory, as soon as that is known.
        public async Task<bool> IsHeldAsync() =>
            await Task.WhenAny(Turn.Held, Image).ConfigureAwait(false) == Turn.Held && !Image.IsCompleted;
    }

    // Locating is in milliseconds.
    private sealed record LocatedImage(DecodedImage Image, IReadOnlyList<LocatedFace> Faces, double Locating);
}
