using IpuNet.Faces.Imaging;

namespace IpuNet.Service.Intake;

/// <summary>What an upload may cost; all of it is checked before an image is decoded, and lengths are counted, never believed.</summary>
public sealed record UploadLimits
{
    /// <summary>The limits that hold where none are given.</summary>
    public static UploadLimits Default { get; } = new();

    /// <summary>Greatest length of an image, in an archive or not, in bytes.</summary>
    /// <value>That of <see cref="ImageLimits.Default"/>.</value>
    public long MaxImageBytes { get; init; } = ImageLimits.Default.MaxBytes;

    /// <summary>Greatest length of an archive in bytes.</summary>
    /// <value>2 GiB.</value>
    public long MaxArchiveBytes { get; init; } = 2L << 30;

    /// <summary>Most entries of an archive, of whatever kind.</summary>
    /// <value>10,000.</value>
    public int MaxEntries { get; init; } = 10_000;

    /// <summary>Greatest length of all entries of an archive together, unpacked, in bytes.</summary>
    /// <value>2 GiB.</value>
    public long MaxUnpackedBytes { get; init; } = 2L << 30;

    /// <summary>How many times as long as its packed form an entry may be. Images hardly shrink; what shrinks a thousandfold is no image.</summary>
    /// <value>100.</value>
    public int MaxRatio { get; init; } = 100;
}
