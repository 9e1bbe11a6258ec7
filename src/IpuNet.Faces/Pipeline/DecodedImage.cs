using System.Security.Cryptography;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Pipeline;

/// <summary>An image on its way through the pipeline: its pixels, or why there are none.</summary>
internal sealed record DecodedImage(ImageSource Source, string? Sha256, RgbImage? Pixels, ImageStatus Status, string? Reason)
{
    /// <summary>How long reading and decoding took.</summary>
    public TimeSpan Took { get; private init; }

    /// <summary>Reads and decodes; whatever is wrong with the one image is told in the result, so that others go on.</summary>
    public static async Task<DecodedImage> FromAsync(ImageSource source, ImageLimits limits, TimeProvider time, CancellationToken cancellation)
    {
        using var stage = PipelineStage.Begin("decode", [source.Trace]);
        long start = time.GetTimestamp();
        DecodedImage image = await ReadAsync(source, limits, cancellation).ConfigureAwait(false);
        return image with { Took = time.GetElapsedTime(start) };
    }

    private static async Task<DecodedImage> ReadAsync(ImageSource source, ImageLimits limits, CancellationToken cancellation)
    {
        string? sha256 = null;
        try
        {
            byte[] data = await source.Read(cancellation).ConfigureAwait(false);
            sha256 = Convert.ToHexStringLower(SHA256.HashData(data));
            return new DecodedImage(source, sha256, ImageDecoder.Decode(data, source.Name, limits), ImageStatus.Ok, null);
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

    // Results say whose reason it is; saying it twice helps nobody.
    private static string WithoutName(string message, string name) =>
        message.StartsWith($"{name}: ", StringComparison.Ordinal) ? message[(name.Length + 2)..] : message;
}
