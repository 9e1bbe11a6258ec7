using System.ComponentModel.DataAnnotations;

namespace IpuNet.Faces.Detection;

/// <summary>What counts as a face, and how hard to look.</summary>
public sealed record FaceDetectorSettings
{
    /// <summary>The settings that hold where nothing is said.</summary>
    public static FaceDetectorSettings Default { get; } = new();

    /// <summary>Height in pixels below which nothing is a face: what is narrower or lower shows none, and is not searched.</summary>
    public const int LeastFace = 4;

    /// <summary>Faces that score less are left out.</summary>
    /// <value>0.5 by default, as in face-api; between 0 and 1. Lower finds more small faces, and more that are none.</value>
    [Range(0d, 1d)]
    public float MinimumScore { get; init; } = 0.5f;

    /// <summary>How many faces to return for one photo at most; the best are kept.</summary>
    /// <value>500 by default; at least 1.</value>
    [Range(1, int.MaxValue)]
    public int MaximumFaces { get; init; } = 500;

    /// <summary>
    /// Height in pixels of the smallest face to look for. The network sees 512x512 px and finds faces from about 24 px there,
    /// so a large photo is looked at as a whole and then again in overlapping windows, until a face of this height is large enough.
    /// </summary>
    /// <value>24 by default; at least 4. Smaller finds more and takes longer: halving it takes up to four times the time.</value>
    [Range(LeastFace, int.MaxValue)]
    public int SmallestFace { get; init; } = 24;

    /// <summary>How many windows to look at in one photo at most; the windows for the smallest faces are left out first.</summary>
    /// <value>128 by default; 1 looks at the photo as a whole only, as face-api does, and misses faces that fill it.</value>
    [Range(1, int.MaxValue)]
    public int MaximumWindows { get; init; } = 128;

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    internal void Validate()
    {
        // Written so that NaN is refused.
        if (!(MinimumScore is >= 0f and <= 1f))
            throw new ArgumentOutOfRangeException(nameof(MinimumScore), MinimumScore, "A score is between 0 and 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumFaces, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(SmallestFace, LeastFace);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumWindows, 1);
    }
}
