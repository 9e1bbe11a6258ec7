using System.ComponentModel.DataAnnotations;

namespace IpuNet.Faces.Detection;

/// <summary>What counts as a face, and how thoroughly the detector searches.</summary>
public sealed record FaceDetectorSettings
{
    /// <summary>The default settings.</summary>
    public static FaceDetectorSettings Default { get; } = new();

    /// <summary>The smallest side of a face in pixels. A photo that is narrower or lower than this is not searched.</summary>
    public const int LeastFace = 4;

    /// <summary>The lowest score of a face. Boxes with a lower score are dropped.</summary>
    /// <value>0 to 1. The default is 0.5, as in face-api. A lower value finds more small faces and more false ones.</value>
    [Range(0d, 1d)]
    public float MinimumScore { get; init; } = 0.5f;

    /// <summary>The maximum number of faces per photo. The faces with the highest scores are kept.</summary>
    /// <value>At least 1. The default is 500.</value>
    [Range(1, int.MaxValue)]
    public int MaximumFaces { get; init; } = 500;

    /// <summary>
    /// Height in pixels of the smallest face to search for. The network sees 512x512 px and finds faces from about 24 px there. So a large
    /// photo is searched as a whole, and then in overlapping windows that show a face of this height large enough.
    /// </summary>
    /// <value>At least 4. The default is 24. A smaller value finds more faces; half the value takes up to four times as long.</value>
    [Range(LeastFace, int.MaxValue)]
    public int SmallestFace { get; init; } = 24;

    /// <summary>The maximum number of windows per photo. Windows for the smallest faces are dropped first.</summary>
    /// <value>
    /// At least 1. The default is 128. With 1 only the whole photo is searched, as in face-api; faces that fill it are missed.
    /// </value>
    [Range(1, int.MaxValue)]
    public int MaximumWindows { get; init; } = 128;

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    internal void Validate()
    {
        // This form also refuses NaN.
        if (!(MinimumScore is >= 0f and <= 1f))
            throw new ArgumentOutOfRangeException(nameof(MinimumScore), MinimumScore, "The minimum score must be between 0 and 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumFaces, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(SmallestFace, LeastFace);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumWindows, 1);
    }
}
