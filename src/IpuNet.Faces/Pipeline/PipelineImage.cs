using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Telemetry;

namespace IpuNet.Faces.Pipeline;

/// <summary>
/// An image on its way through the pipeline: it is decoded, its faces are found, and it gives its result. One stage at a time has it.
/// </summary>
/// <param name="source">The source of the image.</param>
/// <param name="mode">How its faces are found.</param>
/// <param name="turn">The image's turn for memory. It keeps the memory until <see cref="Free"/>.</param>
/// <typeparam name="TSource">The caller's type of image source.</typeparam>
internal sealed class PipelineImage<TSource>(TSource source, FaceDetectionMode mode, DecodeTurn turn)
    where TSource : ImageSource
{
    private string? _sha256, _reason;
    private ImageStatus _status;
    private TimeSpan _decoding;
    private double _locating;

    /// <summary>The source of the image.</summary>
    public TSource Source => source;

    /// <summary>How its faces are found.</summary>
    public FaceDetectionMode Mode => mode;

    /// <summary>Ends when the image is decoded or refused.</summary>
    public Task Decoded { get; private set; } = Task.CompletedTask;

    /// <summary>The pixels; null before the image is decoded, if it was refused, and after its faces were found.</summary>
    public RgbImage? Pixels { get; private set; }

    /// <summary>The faces; empty before they were found.</summary>
    public IReadOnlyList<LocatedFace> Faces { get; private set; } = [];

    /// <summary>
    /// Begins to read and decode the image. An error of the image becomes part of its result, so that the other images go on.
    /// </summary>
    /// <param name="limits">The limits of the file.</param>
    /// <param name="time">Measures the time.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public void BeginDecoding(ImageLimits limits, TimeProvider time, CancellationToken cancellation) =>
        Decoded = Task.Run(() => DecodeAsync(limits, time, cancellation), cancellation);

    /// <summary>
    /// Whether the image must wait for memory. Ends as soon as that is known; the earlier images must then be processed, to free theirs.
    /// </summary>
    public async Task<bool> IsHeldAsync() =>
        await Task.WhenAny(turn.Held, Decoded).ConfigureAwait(false) == turn.Held && !Decoded.IsCompleted;

    /// <summary>Takes the faces, and drops the pixels, which are no longer needed.</summary>
    /// <param name="faces">The faces.</param>
    /// <param name="took">This image's share of the search time, in milliseconds.</param>
    public void TakeFaces(IReadOnlyList<LocatedFace> faces, double took)
    {
        _reason = mode == FaceDetectionMode.Crop ? FaceLocator.CropFaultOf(Pixels!) : null;
        _locating = took;
        Faces = faces;
        Pixels = null;
    }

    /// <summary>Gives the memory back.</summary>
    public void Free() => turn.Free();

    /// <summary>The image's result.</summary>
    /// <param name="faces">The result of each face.</param>
    /// <param name="recognising">This image's share of the recognition time, in milliseconds.</param>
    public ImageResult<TSource> ToResult(IReadOnlyList<FaceResult> faces, double recognising)
    {
        var (status, reason) = _status == ImageStatus.Ok && faces.Count == 0
            ? (ImageStatus.NoFace, _reason ?? "no face was found in the image")
            : (_status, _reason);
        return new ImageResult<TSource>(source, status, reason, _sha256, faces)
        {
            Timings = new ImageTimings
            {
                Decode = ImagePipeline.MillisecondsOf(_decoding, 1, 1),
                Locate = _locating,
                Recognise = recognising,
            },
        };
    }

    private async Task DecodeAsync(ImageLimits limits, TimeProvider time, CancellationToken cancellation)
    {
        using var stage = PipelineStage.Begin("decode", [source.Trace]);
        long start = time.GetTimestamp();
        TimeSpan waited = TimeSpan.Zero;
        try
        {
            byte[] data = await source.Read(cancellation).ConfigureAwait(false);
            _sha256 = Convert.ToHexStringLower(SHA256.HashData(data));
            Task taken = turn.TakeAsync(ImageDecoder.DecodedBytes(data, source.Name, limits), cancellation);
            waited = taken.IsCompleted ? TimeSpan.Zero : await MeasureAsync(taken, time).ConfigureAwait(false);
            await taken.ConfigureAwait(false);
            Pixels = ImageDecoder.Decode(data, source.Name, limits);
        }
        catch (FaceDataException refusal)
        {
            (_status, _reason) = (ImageStatus.Rejected, WithoutName(refusal.Message, source.Name));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            (_status, _reason) = (ImageStatus.Failed, $"cannot be read: {error.Message}");
        }

        // Without the wait for memory.
        _decoding = time.GetElapsedTime(start) - waited;
        if (Pixels is null)
        {
            turn.Free();
            await turn.PassAsync().WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private static async Task<TimeSpan> MeasureAsync(Task task, TimeProvider time)
    {
        long start = time.GetTimestamp();
        await task.ConfigureAwait(false);
        return time.GetElapsedTime(start);
    }

    // Results have the name beside the reason, so the reason does not repeat it.
    private static string WithoutName(string message, string name) =>
        message.StartsWith($"{name}: ", StringComparison.Ordinal) ? message[(name.Length + 2)..] : message;
}
