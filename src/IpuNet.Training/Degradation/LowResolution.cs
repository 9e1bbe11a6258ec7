using IpuNet.Faces.Imaging;
using IpuNet.Faces.Networks;

namespace IpuNet.Training.Degradation;

/// <summary>Makes low-resolution faces of aligned ones.</summary>
public static class LowResolution
{
    /// <summary>The clean low-resolution face: each pixel the mean of the area it covers, rounded to 8 bit.</summary>
    /// <param name="aligned">The aligned face.</param>
    /// <param name="size">Its new size.</param>
    public static RgbImage Make(RgbImage aligned, FaceSize size) =>
        Resampler.Resize(aligned, size.Width, size.Height, ResampleFilter.Area);

    /// <summary>The low-resolution face as the U-Net sees it: resized bicubically to [128, 128, 3], rounded to 8 bit.</summary>
    public static RgbImage ToInput(RgbImage face) => Resampler.Resize(face, UNet.Size, UNet.Size, ResampleFilter.Bicubic);

    /// <summary>The low-resolution face as a camera would give it: blurred, made small, with noise, compressed.</summary>
    /// <param name="aligned">The aligned face.</param>
    /// <param name="size">Its new size.</param>
    /// <param name="camera">How strong each step may be.</param>
    /// <param name="random">Draws how strong it is.</param>
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

    private static void AddNoise(RgbImage face, double deviation, Random random)
    {
        Span<byte> pixels = face.Pixels;
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)Math.Clamp(Math.Round(pixels[i] + deviation * NormalVariate.Next(random)), 0, 255);
    }
}
