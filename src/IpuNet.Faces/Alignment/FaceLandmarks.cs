using System.Numerics;

namespace IpuNet.Faces.Alignment;

/// <summary>
/// The 68 landmarks of a face in iBUG's order (300-W: jaw 0-16, brows 17-26, nose 27-35, eyes 36-47, mouth 48-67). In pixels
/// of the photo, whose top left corner is (0, 0): the centre of its first pixel is (0.5, 0.5), as for
/// <see cref="Detection.FaceBox"/>.
/// </summary>
public sealed record FaceLandmarks
{
    /// <summary>How many landmarks a face has.</summary>
    public const int Count = 68;

    /// <summary>Takes the landmarks of a face.</summary>
    /// <param name="points">68 finite points in pixels.</param>
    /// <exception cref="ArgumentException">There are not 68 points, or one is not finite.</exception>
    public FaceLandmarks(IReadOnlyList<Vector2> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        if (points.Count != Count)
            throw new ArgumentException($"A face has {Count} landmarks, not {points.Count}.", nameof(points));
        if (points.Any(p => !float.IsFinite(p.X) || !float.IsFinite(p.Y)))
            throw new ArgumentException("A landmark is not a finite point.", nameof(points));
        Points = points;
    }

    /// <summary>The points, in pixels.</summary>
    public IReadOnlyList<Vector2> Points { get; }
}
