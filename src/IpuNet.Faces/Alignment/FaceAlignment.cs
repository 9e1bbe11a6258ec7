using System.Numerics;

namespace IpuNet.Faces.Alignment;

/// <summary>An aligner's answer for one loose square.</summary>
/// <param name="ToPhoto">Maps pixels of the aligned face, 128 x 128 px, to pixels of the photo.</param>
/// <param name="Error">The expected mean distance of the <see cref="Points"/> from the truth, in sides of the aligned face.</param>
/// <param name="FaceProbability">How likely the square shows a face, 0-1.</param>
public readonly record struct FaceAlignment(SimilarityTransform ToPhoto, float Error, float FaceProbability)
{
    /// <summary>The number of values of an answer: a, b, x, y, log error, face logit.</summary>
    public const int Values = 6;

    /// <summary>
    /// The points by which an alignment is measured: eyes, middle and corners of the mouth, and the middle of the face. In the unit
    /// square of the aligned face, with the origin in its middle.
    /// </summary>
    public static IReadOnlyList<Vector2> Points { get; } =
        [new(-0.17f, -0.19f), new(0.17f, -0.19f), new(0, 0.15f), new(-0.12f, 0.15f), new(0.12f, 0.15f), new(0, 0)];

    /// <summary>Reads an aligner's output.</summary>
    /// <param name="values">
    /// a, b, x, y, log error, face logit. The place of the face in the square is p -> (a p.x - b p.y + x, b p.x + a p.y + y), between the
    /// unit squares with the origin in their middle.
    /// </param>
    /// <param name="square">The square: maps pixels of its view to pixels of the photo.</param>
    /// <exception cref="ArgumentException">There are not 6 values.</exception>
    public static FaceAlignment Read(ReadOnlySpan<float> values, SimilarityTransform square)
    {
        if (values.Length != Values)
            throw new ArgumentException($"An alignment has {Values} values, not {values.Length}.", nameof(values));
        var place = new SimilarityTransform(values[0], values[1], new Vector2(values[2], values[3]));
        return new FaceAlignment(LooseSquare.FaceAt(place, square), MathF.Exp(values[4]), 1 / (1 + MathF.Exp(-values[5])));
    }
}
