namespace IpuNet.Faces.Imaging;

/// <summary>Limits for image files. <see cref="ImageDecoder"/> checks them before it decodes anything.</summary>
public sealed record ImageLimits
{
    /// <summary>The default limits.</summary>
    public static ImageLimits Default { get; } = new();

    /// <summary>The maximum length of a file in bytes.</summary>
    /// <value>The default is 32 MiB.</value>
    public long MaxBytes { get; init; } = 32L * 1024 * 1024;

    /// <summary>
    /// The maximum number of pixels, width times height. Decoding takes 7 bytes of memory per pixel, and 15 for progressive images and
    /// WebP.
    /// </summary>
    /// <value>The default is 40,000,000. A value above 500,000,000 counts as 500,000,000, the limit of one array.</value>
    public long MaxPixels { get; init; } = 40_000_000;
}
