using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Tests.Imaging;

/// <summary>Artificial images for tests.</summary>
internal static class TestImages
{
    /// <summary>Noise with independent bytes: the hardest case for a filter.</summary>
    public static RgbImage Noise(int width, int height, int seed = 1)
    {
        var image = new RgbImage(width, height);
        new Random(seed).NextBytes(image.Pixels);
        return image;
    }

    /// <summary>An image of one colour.</summary>
    public static RgbImage Uniform(int width, int height, byte red, byte green, byte blue) =>
        Draw(width, height, (_, _) => (red, green, blue));

    /// <summary>Slow waves, different in each channel and without symmetry. Resampling hardly changes such an image.</summary>
    public static RgbImage Smooth(int width, int height) => Draw(width, height, (x, y) => (
        Wave(x / 17 + y / 41),
        Wave(x / 29 - y / 23 + 1),
        Wave(x * y / 1500 + y / 31)));

    /// <summary>Draws an image from a function of the pixel's centre.</summary>
    public static RgbImage Draw(int width, int height, Func<double, double, (byte Red, byte Green, byte Blue)> colour)
    {
        var image = new RgbImage(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                Span<byte> pixel = image.Row(y).Slice(x * RgbImage.Channels, RgbImage.Channels);
                (pixel[0], pixel[1], pixel[2]) = colour(x + 0.5, y + 0.5);
            }
        }

        return image;
    }

    /// <summary>A level between 28 and 228.</summary>
    public static byte Wave(double phase) => (byte)Math.Round(128 + 100 * Math.Sin(phase));

    /// <summary>The largest difference between the levels of two images.</summary>
    public static int MaxDifference(RgbImage a, RgbImage b)
    {
        (b.Width, b.Height).ShouldBe((a.Width, a.Height));
        return a.Pixels.Zip(b.Pixels, (p, q) => Math.Abs(p - q)).Max();
    }
}
