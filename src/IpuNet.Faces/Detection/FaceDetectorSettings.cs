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
    /// <value>0 to 1. The default is 0.75. A lower value finds more small faces and more false ones.</value>
    [Range(0d, 1d)]
    public float MinimumScore { get; init; } = 0.75f;

    /// <summary>The maximum number of faces per photo. The faces with the highest scores are kept.</summary>
    /// <value>At least 1. The default is 500.</value>
    [Range(1, int.MaxValue)]
    public int MaximumFaces { get; init; } = 500;

    /// <summary>
    /// Height in pixels of the smallest face to search for. It says how far the photo is enlarged for the network, which sees faces from
    /// about 16 px well.
    /// </summary>
    /// <value>At least 4. The default is 10. A smaller value finds more faces; half the value takes up to four times as long.</value>
    [Range(LeastFace, int.MaxValue)]
    public int SmallestFace { get; init; } = 10;

    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    internal void Validate()
    {
        // This form also refuses NaN.
        if (!(MinimumScore is >= 0f and <= 1f))
            throw new ArgumentOutOfRangeException(nameof(MinimumScore), MinimumScore, "The minimum score must be between 0 and 1.");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumFaces, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(SmallestFace, LeastFace);
    }
}
