using IpuNet.Faces.Imaging;

namespace IpuNet.Training.Degradation;

/// <summary>Gaussian blur of an image.</summary>
public static class GaussianBlur
{
    /// <summary>Blurs a copy; edge pixels are replicated.</summary>
    /// <param name="image">The image.</param>
    /// <param name="sigma">Standard deviation in pixels, above 0.</param>
    public static RgbImage Apply(RgbImage image, double sigma)
    {
        ArgumentNullException.ThrowIfNull(image);
        int radius = Math.Max(1, (int)Math.Ceiling(3 * sigma));
        float[] kernel = Kernel(sigma, radius);
        return Pass(Pass(image, kernel, radius, 1, 0), kernel, radius, 0, 1);
    }

    /// <summary>The weights of a blur, of length 2 * radius + 1 and sum 1.</summary>
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
