using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Telemetry;

namespace IpuNet.Faces.Pipeline;

/// <summary>An image in the pipeline: its pixels, or the reason why there are none.</summary>
/// <param name="Source">The source of the image.</param>
/// <param name="Sha256">SHA-256 of the file; null if it could not be read.</param>
/// <param name="Pixels">The pixels; null if the image was refused, or if its faces are already cut out.</param>
/// <param name="Status">The status so far.</param>
/// <param name="Reason">The reason of a refusal, or why a crop cannot be a face; null if there is none.</param>
/// <typeparam name="TSource">The caller's type of image source.</typeparam>
internal sealed record DecodedImage<TSource>(TSource Source, string? Sha256, RgbImage? Pixels, ImageStatus Status, string? Reason)
    where TSource : ImageSource
{
    /// <summary>The faces; empty before the search.</summary>
    public IReadOnlyList<LocatedFace> Faces { get; init; } = [];

    /// <summary>This image's share of the search time, in milliseconds.</summary>
    public double Locating { get; init; }

    /// <summary>The time of reading and decoding, without the wait for memory.</summary>
    public TimeSpan Took { get; private init; }

    private TimeSpan Waited { get; init; }

    /// <summary>Reads and decodes an image. An error of the image is in the result, so that the other images go on.</summary>
    /// <param name="source">The source of the image.</param>
    /// <param name="limits">The limits of the file.</param>
    /// <param name="turn">The image's turn for memory. It keeps the memory as long as it has pixels.</param>
    /// <param name="time">Measures the time.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public static async Task<DecodedImage<TSource>> FromAsync(
        TSource source, ImageLimits limits, DecodeTurn turn, TimeProvider time, CancellationToken cancellation)
    {
        using var stage = PipelineStage.Begin("decode", [source.Trace]);
        long start = time.GetTimestamp();
        DecodedImage<TSource> image = await ReadAsync(source, limits, turn, time, cancellation).ConfigureAwait(false);
        image = image with { Took = time.GetElapsedTime(start) - image.Waited };
        if (image.Pixels is null)
        {
            turn.Free();
            await turn.PassAsync().WaitAsync(cancellation).ConfigureAwait(false);
        }

        return image;
    }

    private static async Task<DecodedImage<TSource>> ReadAsync(
        TSource source, ImageLimits limits, DecodeTurn turn, TimeProvider time, CancellationToken cancellation)
    {
        string? sha256 = null;
        try
        {
            byte[] data = await source.Read(cancellation).ConfigureAwait(false);
            sha256 = Convert.ToHexStringLower(SHA256.HashData(data));
            Task taken = turn.TakeAsync(ImageDecoder.DecodedBytes(data, source.Name, limits), cancellation);
            TimeSpan waited = taken.IsCompleted ? TimeSpan.Zero : await MeasureAsync(taken, time).ConfigureAwait(false);
            await taken.ConfigureAwait(false);
            RgbImage pixels = ImageDecoder.Decode(data, source.Name, limits);
            return new DecodedImage<TSource>(source, sha256, pixels, ImageStatus.Ok, null) { Waited = waited };
        }
        catch (FaceDataException refusal)
        {
            return new DecodedImage<TSource>(source, sha256, null, ImageStatus.Rejected, WithoutName(refusal.Message, source.Name));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new DecodedImage<TSource>(source, sha256, null, ImageStatus.Failed, $"cannot be read: {error.Message}");
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
