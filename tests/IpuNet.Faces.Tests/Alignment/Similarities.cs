using System.Numerics;
using CsCheck;
using IpuNet.Faces.Alignment;

namespace IpuNet.Faces.Tests.Alignment;

/// <summary>Similarities and landmarks drawn for tests.</summary>
internal static class Similarities
{
    /// <summary>Any turn, scales from tiny to large, shifts across a photo.</summary>
    public static Gen<SimilarityTransform> Any { get; } = Of(Gen.Float[0.05f, 20f], Gen.Float[-500f, 4000f]);

    /// <summary>Similarities that lay an aligned face somewhere into the middle of a photo of 340 x 340 px.</summary>
    public static Gen<SimilarityTransform> IntoPhoto { get; } =
        Gen.Select(Gen.Float[0.3f, 1.7f], Gen.Float[-MathF.PI, MathF.PI], Gen.Float[160f, 180f], Gen.Float[160f, 180f]).Select((scale, angle, x, y) =>
            Around(new Vector2(x, y), scale, angle));

    /// <summary>The similarity that takes the middle of an aligned face to a point.</summary>
    public static SimilarityTransform Around(Vector2 middle, float scale, float angle)
    {
        var turn = new SimilarityTransform(scale * MathF.Cos(angle), scale * MathF.Sin(angle), default);
        return turn with { Translation = middle - turn.Apply(new Vector2(FaceAligner.Size / 2f)) };
    }

    /// <summary>A face whose landmarks are exactly the mean face's, seen through a similarity.</summary>
    public static FaceLandmarks Face(SimilarityTransform toPhoto)
    {
        // The landmarks that alignment ignores are far off, for it to be seen if it does not.
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
