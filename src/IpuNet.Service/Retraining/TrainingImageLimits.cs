using System.ComponentModel.DataAnnotations;
using IpuNet.Faces.Imaging;

namespace IpuNet.Service.Retraining;

/// <summary>What the images for a training may cost; all of it is checked before an image is downloaded.</summary>
public sealed record TrainingImageLimits
{
    /// <summary>Greatest length of an image's file, bytes. A longer one is refused, and the others are used.</summary>
    /// <value>32 MiB by default; up to 256 MiB. Eight are in memory at a time.</value>
    [Range(1, 256L << 20)]
    public long MaxImageBytes { get; init; } = ImageLimits.Default.MaxBytes;

    /// <summary>Most images. Where there are more, none is used.</summary>
    /// <value>1,000,000 by default.</value>
    [Range(1, 100_000_000)]
    public int MaxImages { get; init; } = 1_000_000;

    /// <summary>Greatest length of all images together, bytes. Where they are longer, none is used.</summary>
    /// <value>100 GiB by default.</value>
    [Range(1, long.MaxValue)]
    public long MaxTotalBytes { get; init; } = 100L << 30;
}
