using System.Numerics;

namespace IpuNet.Faces.Alignment;

/// <summary>
/// Where dlib's face chip has the landmarks (Davis King's dlib, get_face_chip_details with 68 points): a mean face in the unit
/// square, with a quarter of it around. The recogniser is trained on such chips.
/// </summary>
public static class DlibChip
{
    /// <summary>Space around the mean face, as a share of its square (dlib's recogniser is trained with 0.25).</summary>
    public const float Padding = 0.25f;

    private const int FirstOfMeanFace = 17;

    // dlib's mean_face_shape_x and mean_face_shape_y: landmarks 17 to 67.
    private static readonly (float X, float Y)[] MeanFace =
    [
        (0.000213256f, 0.106454f), (0.0752622f, 0.038915f), (0.18113f, 0.0187482f), (0.29077f, 0.0344891f), (0.393397f, 0.0773906f),
        (0.586856f, 0.0773906f), (0.689483f, 0.0344891f), (0.799124f, 0.0187482f), (0.904991f, 0.038915f), (0.98004f, 0.106454f),
        (0.490127f, 0.203352f), (0.490127f, 0.307009f), (0.490127f, 0.409805f), (0.490127f, 0.515625f),
        (0.36688f, 0.587326f), (0.426036f, 0.609345f), (0.490127f, 0.628106f), (0.554217f, 0.609345f), (0.613373f, 0.587326f),
        (0.121737f, 0.216423f), (0.187122f, 0.178758f), (0.265825f, 0.179852f), (0.334606f, 0.231733f), (0.260918f, 0.245099f), (0.182743f, 0.244077f),
        (0.645647f, 0.231733f), (0.714428f, 0.179852f), (0.793132f, 0.178758f), (0.858516f, 0.216423f), (0.79751f, 0.244077f), (0.719335f, 0.245099f),
        (0.254149f, 0.780233f), (0.340985f, 0.745405f), (0.428858f, 0.727388f), (0.490127f, 0.742578f), (0.551395f, 0.727388f), (0.639268f, 0.745405f),
        (0.726104f, 0.780233f), (0.642159f, 0.864805f), (0.556721f, 0.902192f), (0.490127f, 0.909281f), (0.423532f, 0.902192f), (0.338094f, 0.864805f),
        (0.290379f, 0.784792f), (0.428096f, 0.778746f), (0.490127f, 0.785343f), (0.552157f, 0.778746f), (0.689874f, 0.784792f),
        (0.553364f, 0.824182f), (0.490127f, 0.831803f), (0.42689f, 0.824182f),
    ];

    /// <summary>
    /// The landmarks that place a face: nose, eyes and upper lip. As in dlib, the brows and the lower lip are left out, for
    /// expressions move them, and the jaw, for turning the head does.
    /// </summary>
    public static IReadOnlyList<int> Landmarks { get; } = [.. Enumerable.Range(27, 28), .. Enumerable.Range(60, 5)];

    /// <summary>
    /// Where a chip has these <see cref="Landmarks"/>, in pixels from its top left corner. dlib lays the middles of the
    /// outermost pixels on the edge of its square in the photo, so that its chip of a large face shows up to one pixel more in all.
    /// </summary>
    /// <param name="size">Side of the chip in pixels.</param>
    public static Vector2[] PointsFor(int size) =>
        [.. Landmarks.Select(i => MeanFace[i - FirstOfMeanFace]).Select(p => (new Vector2(p.X, p.Y) + new Vector2(Padding)) * (size / (1 + 2 * Padding)))];
}
