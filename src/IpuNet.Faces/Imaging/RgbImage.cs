namespace IpuNet.Faces.Imaging;

/// <summary>An 8-bit RGB image in memory: [height, width, 3] bytes, row-major, red first, no padding between rows.</summary>
public sealed class RgbImage
{
    /// <summary>Bytes per pixel.</summary>
    public const int Channels = 3;

    /// <summary>Creates a black image.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    public RgbImage(int width, int height)
        : this(width, height, new byte[checked(width * height * Channels)])
    {
    }

    /// <summary>Wraps pixels without copying them.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">Exactly width * height * 3 bytes, RGB, 0-255.</param>
    /// <exception cref="ArgumentException">The number of bytes is not width * height * 3.</exception>
    public RgbImage(int width, int height, byte[] pixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.Length != checked(width * height * Channels))
            throw new ArgumentException(
                $"An RGB image of {width} x {height} px has {width * height * Channels} bytes, not {pixels.Length}.", nameof(pixels));

        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Width in pixels.</summary>
    public int Width { get; }

    /// <summary>Height in pixels.</summary>
    public int Height { get; }

    /// <summary>The pixels, [height, width, 3], 0-255.</summary>
    public byte[] Pixels { get; }

    /// <summary>One row of pixels, [width, 3].</summary>
    /// <param name="y">Index of the row, 0 at the top.</param>
    public Span<byte> Row(int y) => Pixels.AsSpan(y * Width * Channels, Width * Channels);

    /// <summary>Copies a rectangle. Parts outside the image repeat the nearest edge pixel.</summary>
    /// <param name="x">Left edge in pixels; may be negative.</param>
    /// <param name="y">Top edge in pixels; may be negative.</param>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    public RgbImage Crop(int x, int y, int width, int height)
    {
        var crop = new RgbImage(width, height);
        // The columns left of the image, inside and right of it. The sums are long, because x + width may exceed int.
        int left = (int)Math.Clamp(-(long)x, 0, width);
        int inside = (int)Math.Clamp(Math.Min(Width, (long)x + width) - Math.Max(0, x), 0, width - left);
        for (int row = 0; row < height; row++)
        {
            ReadOnlySpan<byte> from = Row((int)Math.Clamp((long)y + row, 0, Height - 1));
            Span<byte> to = crop.Row(row);
            Fill(to[..(left * Channels)], from[..Channels]);
            if (inside > 0)
                from.Slice((x + left) * Channels, inside * Channels).CopyTo(to[(left * Channels)..]);
            Fill(to[((left + inside) * Channels)..], from[^Channels..]);
        }

        return crop;
    }

    /// <summary>Copies another image into this one.</summary>
    /// <param name="part">The other image. It must lie within this one.</param>
    /// <param name="x">Its left edge in this image, in pixels.</param>
    /// <param name="y">Its top edge.</param>
    /// <exception cref="ArgumentOutOfRangeException">The other image reaches beyond this one.</exception>
    public void Paste(RgbImage part, int x, int y)
    {
        ArgumentNullException.ThrowIfNull(part);
        for (int row = 0; row < part.Height; row++)
            part.Row(row).CopyTo(Row(y + row).Slice(x * Channels, part.Width * Channels));
    }

    /// <summary>Makes a mirror image: left and right are exchanged.</summary>
    public RgbImage FlipHorizontally()
    {
        var flipped = new RgbImage(Width, Height);
        for (int y = 0; y < Height; y++)
        {
            ReadOnlySpan<byte> from = Row(y);
            Span<byte> to = flipped.Row(y);
            for (int x = 0; x < from.Length; x += Channels)
                from.Slice(x, Channels).CopyTo(to[(to.Length - Channels - x)..]);
        }

        return flipped;
    }

    private static void Fill(Span<byte> pixels, ReadOnlySpan<byte> pixel)
    {
        for (; pixels.Length > 0; pixels = pixels[Channels..])
            pixel.CopyTo(pixels);
    }
}
