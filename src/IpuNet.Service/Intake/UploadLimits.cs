using System.Globalization;
using IpuNet.Faces.Imaging;

namespace IpuNet.Service.Intake;

/// <summary>
/// The limits of an upload. They are checked before an image is decoded, and lengths are measured, not taken from the file.
/// </summary>
public sealed record UploadLimits
{
    /// <summary>The default limits.</summary>
    public static UploadLimits Default { get; } = new();

    /// <summary>The maximum size of an image, uploaded alone or in an archive, in bytes.</summary>
    /// <value>The limit of <see cref="ImageLimits.Default"/>.</value>
    public long MaxImageBytes { get; init; } = ImageLimits.Default.MaxBytes;

    /// <summary>The maximum size of an archive, in bytes.</summary>
    /// <value>2 GiB.</value>
    public long MaxArchiveBytes { get; init; } = 2L << 30;

    /// <summary>The maximum number of entries in an archive, of any kind.</summary>
    /// <value>10,000.</value>
    public int MaxEntries { get; init; } = 10_000;

    /// <summary>The maximum size of all unpacked entries of an archive together, in bytes.</summary>
    /// <value>2 GiB.</value>
    public long MaxUnpackedBytes { get; init; } = 2L << 30;

    /// <summary>
    /// The maximum ratio of an entry's unpacked size to its packed size. Images hardly shrink; a file that shrinks a thousandfold is not an
    /// image.
    /// </summary>
    /// <value>100.</value>
    public int MaxRatio { get; init; } = 100;
}

/// <summary>Why an upload or an archive entry is refused.</summary>
/// <param name="Category">One word for metrics.</param>
/// <param name="Reason">The reason, for the user.</param>
internal sealed record UploadFault(string Category, string Reason);

/// <summary>The refusals of uploads for their format or length.</summary>
internal static class UploadKind
{
    public static UploadFault Empty { get; } = new("empty", "it is empty");

    /// <summary>The refusal of a file that is not an image, by its first bytes; null if it is an image.</summary>
    public static UploadFault? WrongFormat(ReadOnlySpan<byte> start) =>
        ImageDecoder.FormatFaultOf(start) is { } fault ? new("kind", fault) : null;

    public static UploadFault TooLong(long bytes, long most) =>
        new("length", string.Create(CultureInfo.InvariantCulture, $"it has {bytes:N0} bytes; at most {most:N0} are allowed"));
}
