namespace IpuNet.Faces.Imaging;

/// <summary>What an image file may cost; <see cref="ImageDecoder"/> checks both limits before it decodes anything.</summary>
public sealed record ImageLimits
{
    /// <summary>The limits that hold where none are given.</summary>
    public static ImageLimits Default { get; } = new();

    /// <summary>Greatest length of a file in bytes.</summary>
    /// <value>Default 32 MiB.</value>
    public long MaxBytes { get; init; } = 32L * 1024 * 1024;

    /// <summary>Greatest number of pixels, width times height, of any frame's canvas. Decoding takes 7 bytes of memory a pixel.</summary>
    /// <value>Default 40,000,000. Above 500,000,000 it counts as that: an array holds no more.</value>
    public long MaxPixels { get; init; } = 40_000_000;
}
