using System.Globalization;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// Keeps images out of a gallery that would spoil it: a poor enrolled face costs every later probe, whereas refusing it costs one photo.
/// </summary>
public sealed record EnrolmentGate
{
    /// <summary>Least height of the face in the image.</summary>
    /// <value>Pixels, above 0. Default 32: from there a face is verified almost as well as at full size (LFW with the dlib recogniser: 0.965
    /// at 32 px against 0.977; 0.944 at 24 px, 0.890 at 16 px).</value>
    public float MinFaceHeight { get; init; } = 32;

    /// <summary>Least sharpness of the aligned face, as <see cref="FaceSharpness"/> measures it.</summary>
    /// <value>At least 0. Default 50: as much detail as a sharp face of 32 px has, however many pixels show it. Of 800 faces of LFW and UTKFace
    /// it passes all as they are and 99 % reduced to 32 px; it refuses 95 % reduced to 16 px, 93 % blurred with sigma 3 px and all with 4 px.</value>
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
            return new EnrolmentVerdict($"{facesFound} faces were found: crop the photo to the subject's", null) { Category = "many-faces" };

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
                CultureInfo.InvariantCulture, $"the face is {quality.FaceHeight:0.#} px high, less than {MinFaceHeight:0.#}: use a photo with a larger face"));
        if (!(quality.Sharpness >= MinSharpness))
            return ("blurred", string.Create(
                CultureInfo.InvariantCulture, $"the face is blurred (sharpness {quality.Sharpness:0.#}, less than {MinSharpness:0.#}): use a sharper photo"));
        return (null, null);
    }
}
