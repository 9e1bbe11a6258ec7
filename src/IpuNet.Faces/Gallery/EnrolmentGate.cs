using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// Keeps images out of a gallery that would spoil it: a poor enrolled face costs every later probe, whereas refusing it costs one photo.
/// </summary>
public sealed record EnrolmentGate
{
    /// <summary>Least height of the face in the image.</summary>
    /// <value>
    /// Pixels, above 0. Default 32: from there a face is verified almost as well as at full size (LFW with the dlib recogniser: 0.965 at
    /// 32 px against 0.977; 0.944 at 24 px, 0.890 at 16 px).
    /// </value>
    public float MinFaceHeight { get; init; } = 32;

    /// <summary>Least sharpness of the aligned face, as <see cref="FaceSharpness"/> measures it.</summary>
    /// <value>At least 0. Default 50: the detail of a sharp face of 32 px, however many pixels show it. Of 800 faces of LFW and UTKFace
    /// it passes all as they are and 99 % reduced to 32 px; it refuses 95 % reduced to 16 px, 93 % blurred with sigma 3 px and all with 4
    /// px.</value>
    public float MinSharpness { get; init; } = 50;

    /// <summary>Judges one image.</summary>
    /// <param name="facesFound">Number of faces that the detector found.</param>
    /// <param name="faceHeight">Height of the face's box, pixels; not looked at unless there is exactly one face.</param>
    /// <param name="aligned">The aligned face, 128x128 px; may be null unless there is exactly one face.</param>
    public EnrolmentVerdict Judge(int facesFound, float faceHeight, RgbImage? aligned)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(facesFound);
        if (facesFound == 0)
            return new EnrolmentVerdict("no face was found: use a photo that shows the face from the front", null) { Category = "no-face" };
        if (facesFound > 1)
            return new EnrolmentVerdict($"{facesFound} faces were found: crop the photo to the subject's", null)
            {
                Category = "many-faces",
            };

        ArgumentNullException.ThrowIfNull(aligned);
        var quality = new EnrolmentQuality(faceHeight, FaceSharpness.Measure(aligned));
        var (category, fault) = FaultOf(quality);
        return new EnrolmentVerdict(fault, quality) { Category = category };
    }

    // Written so that NaN is refused too.
    private (string? Category, string? Fault) FaultOf(EnrolmentQuality quality)
    {
        if (!(quality.FaceHeight >= MinFaceHeight))
            return ("small", string.Create(
                CultureInfo.InvariantCulture,
                $"the face is {quality.FaceHeight:0.#} px high, less than {MinFaceHeight:0.#}: use a photo with a larger face"));
        if (!(quality.Sharpness >= MinSharpness))
            return ("blurred", string.Create(
                CultureInfo.InvariantCulture,
                $"the face is blurred (sharpness {quality.Sharpness:0.#}, less than {MinSharpness:0.#}): use a sharper photo"));
        return (null, null);
    }
}

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
    /// <returns>
    /// Variance of the 4-neighbour Laplacian of the luma (BT.601, 0-255) at 64x64 px, without the border; 0 for a flat image.
    /// </returns>
    /// <exception cref="ArgumentException">The image is of another size.</exception>
    public static float Measure(RgbImage aligned)
    {
        ArgumentNullException.ThrowIfNull(aligned);
        if (aligned.Width != FaceAligner.Size || aligned.Height != FaceAligner.Size)
            throw new ArgumentException(
                $"Sharpness is measured on aligned faces of {FaceAligner.Size} x {FaceAligner.Size} px, not of {aligned.Width} x "
                + $"{aligned.Height}.",
                nameof(aligned));

        return VarianceOfLaplacian(
            ImageQuality.Luma(Resampler.Resize(aligned, MeasuredSize, MeasuredSize, ResampleFilter.Area)), MeasuredSize);
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

/// <summary>The gate's answer for one image.</summary>
/// <param name="Refusal">Why the image is refused, fit for the user; null where it is accepted.</param>
/// <param name="Quality">What was measured; null where there was not one face to measure.</param>
public sealed record EnrolmentVerdict(string? Refusal, EnrolmentQuality? Quality)
{
    /// <summary>Category of an image that cannot be read.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>Why the image is refused, in one word for metrics, such as "blurred"; null where it is accepted.</summary>
    public string? Category { get; init; }

    /// <summary>Whether the face may be enrolled.</summary>
    [MemberNotNullWhen(true, nameof(Quality))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool Accepted => Refusal is null;
}
