using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Gallery;

/// <summary>How much fine detail a face shows: the variance of the Laplacian of its luma (Pech-Pacheco et al., ICPR 2000).</summary>
/// <remarks>
/// It is measured at half the size of the aligned face. At full size the edges of JPEG's 8x8 blocks count as detail and let blurred faces
/// through; halved, a face measures nearly the same before and after JPEG. Blur along one direction (motion) is seen less than blur in all.
/// </remarks>
public static class FaceSharpness
{
    private const int MeasuredSize = FaceAligner.Size / 2;

    /// <summary>Measures an aligned face.</summary>
    /// <param name="aligned">The aligned face, 128x128 px.</param>
    /// <returns>Variance of the 4-neighbour Laplacian of the luma (BT.601, 0-255) at 64x64 px, without the border; 0 for a flat image.</returns>
    /// <exception cref="ArgumentException">The image is of another size.</exception>
    public static float Measure(RgbImage aligned)
    {
        ArgumentNullException.ThrowIfNull(aligned);
        if (aligned.Width != FaceAligner.Size || aligned.Height != FaceAligner.Size)
            throw new ArgumentException(
                $"Sharpness is measured on aligned faces of {FaceAligner.Size} x {FaceAligner.Size} px, not of {aligned.Width} x {aligned.Height}.",
                nameof(aligned));

        return VarianceOfLaplacian(ImageQuality.Luma(Resampler.Resize(aligned, MeasuredSize, MeasuredSize, ResampleFilter.Area)), MeasuredSize);
    }

    private static float VarianceOfLaplacian(double[] luma, int size)
    {
        double sum = 0, sumOfSquares = 0;
        for (var y = 1; y < size - 1; y++)
        {
            for (var i = y * size + 1; i < (y + 1) * size - 1; i++)
            {
                var laplacian = luma[i - size] + luma[i - 1] + luma[i + 1] + luma[i + size] - 4 * luma[i];
                sum += laplacian;
                sumOfSquares += laplacian * laplacian;
            }
        }

        double count = (size - 2) * (size - 2);
        var mean = sum / count;
        return (float)(sumOfSquares / count - mean * mean);
    }
}
