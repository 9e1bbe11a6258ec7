using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Networks;

namespace IpuNet.Training.Degradation;

/// <summary>Makes low-resolution faces from aligned ones.</summary>
public static class LowResolution
{
    /// <summary>Makes a clean low-resolution face: each pixel is the mean of its area, rounded to 8 bit.</summary>
    /// <param name="aligned">The aligned face.</param>
    /// <param name="size">The new size.</param>
    public static RgbImage Make(RgbImage aligned, FaceSize size) =>
        Resampler.Resize(aligned, size.Width, size.Height, ResampleFilter.Area);

    /// <summary>Makes the U-Net's input: the low-resolution face resized bicubically to [128, 128, 3], rounded to 8 bit.</summary>
    public static RgbImage ToInput(RgbImage face) => Resampler.Resize(face, FaceAligner.Size, FaceAligner.Size, ResampleFilter.Bicubic);

    /// <summary>Makes a low-resolution face as a camera would: blurred, made small, with noise, compressed as JPEG.</summary>
    /// <param name="aligned">The aligned face.</param>
    /// <param name="size">The new size.</param>
    /// <param name="camera">The limit of each effect.</param>
    /// <param name="random">Random numbers.</param>
    public static RgbImage MakeAsCamera(RgbImage aligned, FaceSize size, CameraOptions camera, Random random)
    {
        ArgumentNullException.ThrowIfNull(aligned);
        ArgumentNullException.ThrowIfNull(camera);
        ArgumentNullException.ThrowIfNull(random);
        double blur = random.NextDouble() * camera.Blur * aligned.Height / size.Height;
        double noise = random.NextDouble() * camera.Noise;
        int quality = random.Next(camera.JpegQuality, 101);

        RgbImage face = Make(blur > 0.3 ? GaussianBlur.Apply(aligned, blur) : aligned, size);
        AddNoise(face, noise, random);
        return quality < 100 ? ImageDecoder.Decode(ImageEncoder.EncodeJpeg(face, quality), "degraded face") : face;
    }

    /// <summary>Adds Gaussian noise to an image, rounded to 8 bit.</summary>
    /// <param name="image">The image, which is changed.</param>
    /// <param name="deviation">Standard deviation, on the scale 0-255.</param>
    /// <param name="random">Random numbers.</param>
    internal static void AddNoise(RgbImage image, double deviation, Random random)
    {
        Span<byte> pixels = image.Pixels;
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)Math.Clamp(Math.Round(pixels[i] + deviation * NormalVariate.Next(random)), 0, 255);
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
