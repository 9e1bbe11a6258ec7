using System.ComponentModel.DataAnnotations;
using System.Numerics;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Alignment;

/// <summary>
/// The geometry of dlib's face chip: the places of the landmarks in it (dlib by Davis King, get_face_chip_details with 68 points). The chip
/// is dlib's mean face in the unit square, plus a border. The recogniser was trained on such chips.
/// </summary>
public static class DlibChip
{
    /// <summary>Width of the border on each side, as a share of the mean face's square. dlib trained its recogniser with 0.25.</summary>
    public const float Padding = 0.25f;

    private const int FirstOfMeanFace = 17;

    // dlib's mean_face_shape_x and mean_face_shape_y: landmarks 17 to 67.
    private static readonly (float X, float Y)[] MeanFace =
    [
        (0.000213256f, 0.106454f), (0.0752622f, 0.038915f), (0.18113f, 0.0187482f), (0.29077f, 0.0344891f), (0.393397f, 0.0773906f),
        (0.586856f, 0.0773906f), (0.689483f, 0.0344891f), (0.799124f, 0.0187482f), (0.904991f, 0.038915f), (0.98004f, 0.106454f),
        (0.490127f, 0.203352f), (0.490127f, 0.307009f), (0.490127f, 0.409805f), (0.490127f, 0.515625f),
        (0.36688f, 0.587326f), (0.426036f, 0.609345f), (0.490127f, 0.628106f), (0.554217f, 0.609345f), (0.613373f, 0.587326f),
        (0.121737f, 0.216423f), (0.187122f, 0.178758f), (0.265825f, 0.179852f), (0.334606f, 0.231733f), (0.260918f, 0.245099f),
        (0.182743f, 0.244077f),
        (0.645647f, 0.231733f), (0.714428f, 0.179852f), (0.793132f, 0.178758f), (0.858516f, 0.216423f), (0.79751f, 0.244077f),
        (0.719335f, 0.245099f),
        (0.254149f, 0.780233f), (0.340985f, 0.745405f), (0.428858f, 0.727388f), (0.490127f, 0.742578f), (0.551395f, 0.727388f),
        (0.639268f, 0.745405f),
        (0.726104f, 0.780233f), (0.642159f, 0.864805f), (0.556721f, 0.902192f), (0.490127f, 0.909281f), (0.423532f, 0.902192f),
        (0.338094f, 0.864805f),
        (0.290379f, 0.784792f), (0.428096f, 0.778746f), (0.490127f, 0.785343f), (0.552157f, 0.778746f), (0.689874f, 0.784792f),
        (0.553364f, 0.824182f), (0.490127f, 0.831803f), (0.42689f, 0.824182f),
    ];

    /// <summary>
    /// The indices of the landmarks that align a face: nose, eyes and upper lip. As in dlib, the brows and the lower lip are left out
    /// because expressions move them, and the jaw because turning the head moves it.
    /// </summary>
    public static IReadOnlyList<int> Landmarks { get; } = [.. Enumerable.Range(27, 28), .. Enumerable.Range(60, 5)];

    /// <summary>
    /// The places of these <see cref="Landmarks"/> in a chip, in pixels from its top left corner. dlib itself puts the centres of the
    /// outermost pixels on the edge of the square, so its chip of a large face shows up to one pixel more of the photo.
    /// </summary>
    /// <param name="size">Side of the chip in pixels.</param>
    public static Vector2[] PointsFor(int size)
    {
        float scale = size / (1 + 2 * Padding);
        return
        [
            .. Landmarks.Select(i => MeanFace[i - FirstOfMeanFace]).Select(p => (new Vector2(p.X, p.Y) + new Vector2(Padding)) * scale),
        ];
    }
}

/// <summary>
/// The frame that insightface trains its recognisers on (ArcFace and relatives): 112 x 112 px with five points of the face at fixed places.
/// </summary>
/// <remarks>
/// The frame is made from the aligned face, by the same similarity transform for every face: the one that best fits dlib's mean face to the
/// five points. So all faces are treated alike, enhanced or not, from a photo or a crop, and their embeddings can be compared. insightface
/// itself fits the five points of each face in its photo. That would bring full-size faces nearer to insightface's own input, but further
/// from enhanced faces. The price: the frame reaches beyond the aligned face, by 26 of its 128 pixels at the top, and by 6 and 3 pixels at
/// the sides. There the edge pixels are repeated, where insightface would show forehead and hair.
/// </remarks>
public static class InsightFaceFrame
{
    /// <summary>Side in pixels.</summary>
    public const int Size = 112;

    /// <summary>Id of this frame. An embedding's source names it after <see cref="FaceAligner.Id"/>.</summary>
    public const string Id = "insightface-112@1";

    private const int FirstLandmark = 27, NoseTip = 30, MouthLeft = 48, MouthRight = 54, EyePoints = 6, EyeLeft = 36, EyeRight = 42;

    // insightface's arcface_dst: eyes, tip of the nose, corners of the mouth. As in OpenCV, (0, 0) is the centre of the first pixel.
    private static readonly Vector2[] Template =
        [new(38.2946f, 51.6963f), new(73.5318f, 51.5014f), new(56.0252f, 71.7366f), new(41.5493f, 92.3655f), new(70.7299f, 92.2041f)];

    private static readonly SimilarityTransform ToAligned = SimilarityTransform.Fit(
        [.. Template.Select(point => point + new Vector2(0.5f))], FivePoints());

    /// <summary>Moves an aligned face into the frame, by bicubic sampling.</summary>
    /// <param name="aligned">The aligned face, [128, 128, 3], super-resolved or not.</param>
    /// <returns>The face in this frame, [112, 112, 3].</returns>
    public static RgbImage FromAligned(RgbImage aligned)
    {
        ArgumentNullException.ThrowIfNull(aligned);
        return FaceAligner.Resample(aligned, Size, Size, ToAligned);
    }

    // The same five points of dlib's mean face, in pixels of the aligned face.
    private static Vector2[] FivePoints()
    {
        Vector2[] chip = DlibChip.PointsFor(FaceAligner.Size);
        return
        [
            Eye(EyeLeft), Eye(EyeRight), chip[NoseTip - FirstLandmark], chip[MouthLeft - FirstLandmark], chip[MouthRight - FirstLandmark],
        ];

        Vector2 Eye(int first) => chip.AsSpan(first - FirstLandmark, EyePoints).ToArray().Aggregate((a, b) => a + b) / EyePoints;
    }
}

/// <summary>
/// The square in an image that holds the aligned face, for data sets with aligned images. In LFW deepfunneled it lies at (65, 77) and has a
/// side of 120 px.
/// </summary>
/// <param name="X">Left edge in pixels.</param>
/// <param name="Y">Top edge in pixels.</param>
/// <param name="Side">Side in pixels.</param>
public sealed record FixedCrop(
    [property: Range(0, 65_535)] int X,
    [property: Range(0, 65_535)] int Y,
    [property: Range(1, 65_535)] int Side)
{
    /// <summary>Cuts the square out and resizes it.</summary>
    /// <param name="image">The whole image.</param>
    /// <param name="crop">The square; null takes the whole image.</param>
    /// <param name="size">Side of the result in pixels.</param>
    /// <returns>
    /// The square, [size, size, 3]: averaged by area if it shrinks, bicubic if it grows, a copy if it has this size already.
    /// </returns>
    public static RgbImage Apply(RgbImage image, FixedCrop? crop, int size)
    {
        ArgumentNullException.ThrowIfNull(image);
        RgbImage square = crop is null ? image : image.Crop(crop.X, crop.Y, crop.Side, crop.Side);
        return Resampler.Resize(square, size, size);
    }
}
