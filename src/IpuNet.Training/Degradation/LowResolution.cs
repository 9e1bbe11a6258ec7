using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;

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
        double blur = random.NextDouble() * camera.Blur;
        double noise = random.NextDouble() * camera.Noise;
        int quality = random.Next(camera.JpegQuality, 101);

        RgbImage face = CameraEffects.Shrink(aligned, size.Width, size.Height, blur);
        CameraEffects.AddNoise(face, noise, random);
        return quality < 100 ? ImageDecoder.Decode(ImageEncoder.EncodeJpeg(face, quality), "degraded face") : face;
    }
}
