namespace IpuNet.Faces.Imaging;

/// <summary>What a distant or cheap camera does to a picture.</summary>
public static class CameraEffects
{
    // Less blur than this changes no pixel.
    private const double LeastBlur = 0.3;

    private const int Between = 4;

    /// <summary>Makes a picture smaller: each pixel is the mean of its area, after a blur.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="scale">The factor, above 0 to 1.</param>
    /// <param name="blur">Standard deviation of the Gaussian blur, in pixels of the smaller picture.</param>
    public static RgbImage Shrink(RgbImage image, double scale, double blur)
    {
        ArgumentNullException.ThrowIfNull(image);
        int width = Math.Max(1, (int)Math.Round(image.Width * scale)), height = Math.Max(1, (int)Math.Round(image.Height * scale));
        // A blur of many pixels takes long. Most of the way is area averaging, which changes the blur little.
        RgbImage near = scale < 1d / Between ? Resampler.Resize(image, Between * width, Between * height, ResampleFilter.Area) : image;
        return Shrink(near, width, height, blur);
    }

    /// <inheritdoc cref="Shrink(RgbImage, double, double)"/>
    /// <param name="image">The picture.</param>
    /// <param name="width">Width of the smaller picture in pixels.</param>
    /// <param name="height">Height of the smaller picture in pixels.</param>
    /// <param name="blur">Standard deviation of the Gaussian blur, in pixels of the smaller picture.</param>
    public static RgbImage Shrink(RgbImage image, int width, int height, double blur)
    {
        ArgumentNullException.ThrowIfNull(image);
        double sigma = blur * image.Height / height;
        return Resampler.Resize(sigma > LeastBlur ? GaussianBlur.Apply(image, sigma) : image, width, height, ResampleFilter.Area);
    }

    /// <summary>Adds Gaussian noise to a picture, rounded to 8 bit.</summary>
    /// <param name="image">The picture, which is changed.</param>
    /// <param name="deviation">Standard deviation, on the scale 0-255.</param>
    /// <param name="random">Random numbers.</param>
    public static void AddNoise(RgbImage image, double deviation, Random random)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(random);
        foreach (ref byte value in image.Pixels.AsSpan())
            value = (byte)Math.Clamp(Math.Round(value + deviation * NormalVariate.Next(random)), 0, 255);
    }

    /// <summary>Makes a picture grey.</summary>
    /// <param name="image">The picture, which is changed.</param>
    public static void LoseColour(RgbImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        Span<byte> pixels = image.Pixels;
        for (int i = 0; i < pixels.Length; i += RgbImage.Channels)
        {
            Span<byte> pixel = pixels.Slice(i, RgbImage.Channels);
            pixel.Fill((byte)Math.Round(ImageQuality.Luma(pixel)));
        }
    }
}

/// <summary>Gaussian blur of an image.</summary>
public static class GaussianBlur
{
    /// <summary>Blurs a copy. Beyond the edge, the pixels of the edge are repeated.</summary>
    /// <param name="image">The image.</param>
    /// <param name="sigma">Standard deviation in pixels, above 0.</param>
    public static RgbImage Apply(RgbImage image, double sigma)
    {
        ArgumentNullException.ThrowIfNull(image);
        int radius = Math.Max(1, (int)Math.Ceiling(3 * sigma));
        float[] kernel = Kernel(sigma, radius);
        return Pass(Pass(image, kernel, radius, 1, 0), kernel, radius, 0, 1);
    }

    /// <summary>The weights of a blur: 2 * radius + 1 numbers whose sum is 1.</summary>
    public static float[] Kernel(double sigma, int radius)
    {
        double[] weights = [.. Enumerable.Range(-radius, 2 * radius + 1).Select(i => Math.Exp(-i * i / (2 * sigma * sigma)))];
        double sum = weights.Sum();
        return [.. weights.Select(w => (float)(w / sum))];
    }

    private static RgbImage Pass(RgbImage source, float[] kernel, int radius, int dx, int dy)
    {
        var target = new RgbImage(source.Width, source.Height);
        for (int y = 0; y < source.Height; y++)
        {
            Span<byte> row = target.Row(y);
            for (int x = 0; x < source.Width; x++)
            {
                for (int c = 0; c < RgbImage.Channels; c++)
                {
                    float sum = 0;
                    for (int k = -radius; k <= radius; k++)
                    {
                        int sx = Math.Clamp(x + k * dx, 0, source.Width - 1), sy = Math.Clamp(y + k * dy, 0, source.Height - 1);
                        sum += kernel[k + radius] * source.Pixels[(sy * source.Width + sx) * RgbImage.Channels + c];
                    }
                    row[x * RgbImage.Channels + c] = (byte)Math.Clamp(MathF.Round(sum), 0, 255);
                }
            }
        }
        return target;
    }
}

/// <summary>Standard normal random numbers. .NET has none.</summary>
public static class NormalVariate
{
    /// <summary>The next random number, normal with mean 0 and deviation 1 (Box and Muller 1958).</summary>
    /// <param name="random">The source of uniform random numbers.</param>
    public static double Next(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }
}
