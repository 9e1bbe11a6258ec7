using System.Security.Cryptography;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Pipeline;

/// <summary>An image on its way through the pipeline: its pixels, or why there are none.</summary>
/// <param name="Source">Where it comes from.</param>
/// <param name="Sha256">Of its file; null where that could not be read.</param>
/// <param name="Pixels">Null where there are none, or none any more.</param>
/// <param name="Status">What became of it by now.</param>
/// <param name="Reason">Why there is no face, as far as it is known.</param>
internal sealed record DecodedImage(ImageSource Source, string? Sha256, RgbImage? Pixels, ImageStatus Status, string? Reason)
{
    /// <summary>How long reading and decoding took, without waiting for memory.</summary>
    public TimeSpan Took { get; private init; }

    private TimeSpan Waited { get; init; }

    /// <summary>Reads and decodes; whatever is wrong with the one image is told in the result, so that others go on.</summary>
    /// <param name="source">The image.</param>
    /// <param name="limits">What it may cost.</param>
    /// <param name="turn">Its turn for memory, which it keeps where it has pixels.</param>
    /// <param name="time">Measures.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<DecodedImage> FromAsync(
        ImageSource source, ImageLimits limits, DecodeTurn turn, TimeProvider time, CancellationToken cancellation)
    {
        using var stage = PipelineStage.Begin("decode", [source.Trace]);
        long start = time.GetTimestamp();
        DecodedImage image = await ReadAsync(source, limits, turn, time, cancellation).ConfigureAwait(false);
        image = image with { Took = time.GetElapsedTime(start) - image.Waited };
        if (image.Pixels is null)
        {
            turn.Free();
            await turn.PassAsync().WaitAsync(cancellation).ConfigureAwait(false);
        }

        return image;
    }

    private static async Task<DecodedImage> ReadAsync(
        ImageSource source, ImageLimits limits, DecodeTurn turn, TimeProvider time, CancellationToken cancellation)
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
            return new DecodedImage(source, sha256, pixels, ImageStatus.Ok, null) { Waited = waited };
        }
        catch (FaceDataException refusal)
        {
            return new DecodedImage(source, sha256, null, ImageStatus.Rejected, WithoutName(refusal.Message, source.Name));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new DecodedImage(source, sha256, null, ImageStatus.Failed, $"cannot be read: {error.Message}");
        }
    }

    private static async Task<TimeSpan> MeasureAsync(Task task, TimeProvider time)
    {
        long start = time.GetTimestamp();
        await task.ConfigureAwait(false);
        return time.GetElapsedTime(start);
    }

    // Results say whose reason it is; saying it twice helps nobody.
    private static string WithoutName(string message, string name) =>
        message.StartsWith($"{name}: ", StringComparison.Ordinal) ? message[(name.Length + 2)..] : message;
}
