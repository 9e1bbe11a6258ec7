using System.Numerics;
using CsCheck;
using IpuNet.Faces.Alignment;

namespace IpuNet.Faces.Tests.Alignment;

/// <summary>Random similarity transforms and landmarks for tests.</summary>
internal static class Similarities
{
    /// <summary>Any rotation, scales from tiny to large, shifts across a photo.</summary>
    public static Gen<SimilarityTransform> Any { get; } = Of(Gen.Float[0.05f, 20f], Gen.Float[-500f, 4000f]);

    /// <summary>Transforms that put an aligned face near the middle of a photo of 340 x 340 px.</summary>
    public static Gen<SimilarityTransform> IntoPhoto { get; } =
        Gen.Select(Gen.Float[0.3f, 1.7f], Gen.Float[-MathF.PI, MathF.PI], Gen.Float[160f, 180f], Gen.Float[160f, 180f]).Select(
            (scale, angle, x, y) =>
            Around(new Vector2(x, y), scale, angle));

    /// <summary>The transform that maps the middle of an aligned face to a point.</summary>
    public static SimilarityTransform Around(Vector2 middle, float scale, float angle)
    {
        var turn = new SimilarityTransform(scale * MathF.Cos(angle), scale * MathF.Sin(angle), default);
        return turn with { Translation = middle - turn.Apply(new Vector2(FaceAligner.Size / 2f)) };
    }

    /// <summary>The landmarks of the mean face after a transform.</summary>
    public static FaceLandmarks Face(SimilarityTransform toPhoto)
    {
        // Alignment must ignore the other landmarks. They lie far away, so that an error shows.
        var points = Enumerable.Repeat(new Vector2(-1000, 9000), FaceLandmarks.Count).ToArray();
        Vector2[] chip = DlibChip.PointsFor(FaceAligner.Size);
        for (int i = 0; i < chip.Length; i++)
            points[DlibChip.Landmarks[i]] = toPhoto.Apply(chip[i]);
        return new FaceLandmarks(points);
    }

    private static Gen<SimilarityTransform> Of(Gen<float> scale, Gen<float> shift) =>
        Gen.Select(scale, Gen.Float[-MathF.PI, MathF.PI], shift, shift).Select((s, angle, x, y) =>
            new SimilarityTransform(s * MathF.Cos(angle), s * MathF.Sin(angle), new Vector2(x, y)));
}
