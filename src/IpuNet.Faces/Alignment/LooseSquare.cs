using System.Numerics;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Alignment;

/// <summary>
/// The loose square around a face: what an aligner sees. A transform of a square maps pixels of its view, 64 x 64 px, to pixels of the
/// photo.
/// </summary>
public static class LooseSquare
{
    /// <summary>Side of the view in pixels.</summary>
    public const int Size = 64;

    /// <summary>Side of the square, in sides of the aligned face that it is meant for.</summary>
    public const float Sides = 1.6f;

    /// <summary>Side of the aligned face in heights of the detector's box: the median over LFW.</summary>
    public const float FaceSide = 0.935f;

    // The same for where the aligned face lies, seen from the middle of the box.
    private const float Left = 0.007f, Below = 0.083f;

    /// <summary>
    /// Where an upright face lies in the square that fits it: what the square alone says. As in <see cref="PlaceOf"/>.
    /// </summary>
    public static SimilarityTransform Fitting { get; } = new(1 / Sides, 0, default);

    /// <summary>The square around a face that a detector found. It stands upright.</summary>
    /// <param name="box">The detector's box, in pixels of the photo.</param>
    public static SimilarityTransform Of(FaceBox box)
    {
        var centre = new Vector2(box.X + box.Width / 2 - Left * box.Height, box.Y + box.Height / 2 + Below * box.Height);
        return Around(centre, FaceSide * box.Height, angle: 0);
    }

    /// <summary>The square around an aligned face at a place.</summary>
    /// <param name="centre">The middle of the aligned face, in pixels of the photo.</param>
    /// <param name="faceSide">Side of the aligned face, in pixels of the photo.</param>
    /// <param name="angle">The turn in radians. A positive one turns x towards y (clockwise on a screen).</param>
    public static SimilarityTransform Around(Vector2 centre, float faceSide, float angle)
    {
        var turn = SimilarityTransform.About(default, angle, faceSide * Sides / Size);
        return turn with { Translation = centre - turn.Apply(new Vector2(Size / 2f)) };
    }

    /// <summary>The square around an aligned face, turned like it.</summary>
    /// <param name="face">Maps pixels of the aligned face, 128 x 128 px, to pixels of the photo.</param>
    public static SimilarityTransform Around(SimilarityTransform face) => Around(
        face.Apply(new Vector2(FaceAligner.Size / 2f)), face.Scale * FaceAligner.Size, MathF.Atan2(face.B, face.A));

    /// <summary>Cuts the square out of a photo. Outside the photo the edge pixels are repeated.</summary>
    /// <param name="photo">The photo.</param>
    /// <param name="toPhoto">The square.</param>
    /// <returns>The view, [64, 64, 3]: averaged by area if it shrinks, bicubic if it grows.</returns>
    public static RgbImage Cut(RgbImage photo, SimilarityTransform toPhoto) => FaceAligner.Cut(photo, toPhoto, Size);

    /// <summary>
    /// Where an aligned face lies in a square: maps its unit square to the square's, each with the origin in its middle. This is what an
    /// aligner learns.
    /// </summary>
    /// <param name="face">Maps pixels of the aligned face, 128 x 128 px, to pixels of the photo.</param>
    /// <param name="square">The square.</param>
    public static SimilarityTransform PlaceOf(SimilarityTransform face, SimilarityTransform square) =>
        FromUnit(FaceAligner.Size).Then(face).Then(square.Inverse()).Then(FromUnit(Size).Inverse());

    /// <summary>The opposite of <see cref="PlaceOf"/>: maps pixels of the aligned face, 128 x 128 px, to pixels of the photo.</summary>
    /// <param name="place">Where the aligned face lies in the square.</param>
    /// <param name="square">The square.</param>
    public static SimilarityTransform FaceAt(SimilarityTransform place, SimilarityTransform square) =>
        FromUnit(FaceAligner.Size).Inverse().Then(place).Then(FromUnit(Size)).Then(square);

    private static SimilarityTransform FromUnit(int size) => new(size, 0, new Vector2(size / 2f));
}
