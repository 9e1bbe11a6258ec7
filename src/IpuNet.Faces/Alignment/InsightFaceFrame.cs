using System.Numerics;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Alignment;

/// <summary>
/// The frame of 112 x 112 px that insightface's recognisers (ArcFace and its kin) are trained on: five points of a face, at fixed places.
/// </summary>
/// <remarks>
/// A face gets there from its aligned face, by one similarity for all: the one that brings dlib's mean face onto the five points. So every face, enhanced
/// or not, photo or crop, goes one way, and embeddings of both can be compared; a face's own five points, in its photo, would bring full-size faces nearer
/// to what insightface itself does, and away from enhanced ones. The price: the frame reaches beyond the aligned face, by 26 of its 128 pixels above, 6 and 3 at the
/// sides; there the aligned face's edge is repeated, where insightface would show the forehead and hair.
/// </remarks>
public static class InsightFaceFrame
{
    /// <summary>Side in pixels.</summary>
    public const int Size = 112;

    /// <summary>What embeddings state about it, besides <see cref="FaceAligner.Id"/>.</summary>
    public const string Id = "insightface-112@1";

    private const int FirstLandmark = 27, NoseTip = 30, MouthLeft = 48, MouthRight = 54, EyePoints = 6, EyeLeft = 36, EyeRight = 42;

    // insightface's arcface_dst: eyes, tip of the nose, corners of the mouth; (0, 0) is the centre of the first pixel there, as in OpenCV.
    private static readonly Vector2[] Template =
        [new(38.2946f, 51.6963f), new(73.5318f, 51.5014f), new(56.0252f, 71.7366f), new(41.5493f, 92.3655f), new(70.7299f, 92.2041f)];

    private static readonly SimilarityTransform ToAligned = SimilarityTransform.Fit([.. Template.Select(point => point + new Vector2(0.5f))], FivePoints());

    /// <summary>Brings an aligned face into the frame; sampled bicubically.</summary>
    /// <param name="aligned">[128, 128, 3], as <see cref="FaceAligner"/> gives it, or super-resolved.</param>
    /// <returns>[112, 112, 3].</returns>
    public static RgbImage FromAligned(RgbImage aligned)
    {
        ArgumentNullException.ThrowIfNull(aligned);
        return FaceAligner.Resample(aligned, Size, Size, ToAligned);
    }

    // Where the aligned face has the same five points of dlib's mean face.
    private static Vector2[] FivePoints()
    {
        Vector2[] chip = DlibChip.PointsFor(FaceAligner.Size);
        return [Eye(EyeLeft), Eye(EyeRight), chip[NoseTip - FirstLandmark], chip[MouthLeft - FirstLandmark], chip[MouthRight - FirstLandmark]];

        Vector2 Eye(int first) => chip.AsSpan(first - FirstLandmark, EyePoints).ToArray().Aggregate((a, b) => a + b) / EyePoints;
    }
}
