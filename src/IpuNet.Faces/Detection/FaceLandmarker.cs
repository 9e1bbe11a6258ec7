using System.Numerics;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;

namespace IpuNet.Faces.Detection;

/// <summary>Finds the landmarks of faces in given boxes.</summary>
/// <remarks>It serves to make training data. Pictures are aligned by <see cref="FaceStraightener"/>.</remarks>
public sealed class FaceLandmarker : IDisposable
{
    private readonly OnnxSession _session;

    private FaceLandmarker(OnnxSession session) => _session = session;

    /// <summary>The id of the model, such as "face-landmark-68@1".</summary>
    public string Id => _session.Name;

    /// <summary>Loads a landmark network.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inference">The device, threads and batch size.</param>
    /// <exception cref="FaceDataException">The model cannot be used, or the device is missing.</exception>
    public static FaceLandmarker Open(InstalledModel model, InferenceSettings inference)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new FaceLandmarker(OnnxSession.Open(model.Require(ModelKind.Landmarks), inference).Require(
            FaceLandmark68.InputSize, FaceLandmark68.InputSize, TensorNames.Points));
    }

    /// <summary>Finds the landmarks of each face, in pixels of its photo.</summary>
    /// <param name="faces">The photo and the detector's box of each face.</param>
    public FaceLandmarks[] Find(IReadOnlyList<(RgbImage Photo, FaceBox Box)> faces)
    {
        var views = faces.Select(face => (face.Photo, View: ViewOf(face.Photo, face.Box))).ToList();
        var landmarks = new FaceLandmarks[faces.Count];
        _session.Run(
            views,
            (face, target) => SquareSampler.Sample(face.Photo, face.View, FaceLandmark68.InputSize, target),
            (buffers, first, count) =>
            {
                for (int i = 0; i < count; i++)
                    landmarks[first + i] = Read(buffers.Floats(TensorNames.Points, i), views[first + i].View);
            });
        return landmarks;
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    // Whole pixels, at least one. Rounded down, as in face-api.
    private static SquareView ViewOf(RgbImage photo, FaceBox box)
    {
        int x = Math.Min((int)box.X, photo.Width - 1), y = Math.Min((int)box.Y, photo.Height - 1);
        return SquareView.Centred(x, y, Math.Clamp((int)box.Width, 1, photo.Width - x), Math.Clamp((int)box.Height, 1, photo.Height - y));
    }

    private static FaceLandmarks Read(ReadOnlySpan<float> values, SquareView view)
    {
        var points = new Vector2[FaceLandmarks.Count];
        for (int i = 0; i < points.Length; i++)
            points[i] = view.ToPhoto(new Vector2(values[2 * i], values[2 * i + 1]));
        return new FaceLandmarks(points);
    }
}

/// <summary>
/// Samples a square view of a photo as face-api does for its networks: TensorFlow's resizeBilinear without half-pixel centres. Pixel i is
/// sampled at i * side / size, from the four pixels around, without smoothing when the view shrinks. Measured on group photos, smoothing
/// finds no more faces and moves boxes by up to 4 % of a face.
/// </summary>
internal static class SquareSampler
{
    private const int Black = -1;

    /// <summary>Samples one view.</summary>
    /// <param name="photo">The photo.</param>
    /// <param name="view">The view. Its rectangle lies inside the photo.</param>
    /// <param name="size">Side of the result in pixels.</param>
    /// <param name="target">Receives [size, size, 3], rounded to 8 bit.</param>
    public static void Sample(RgbImage photo, SquareView view, int size, Span<byte> target)
    {
        var columns = Taps(view.X, view.Width, view.PaddingLeft, view.Side, size);
        var rows = Taps(view.Y, view.Height, view.PaddingTop, view.Side, size);
        for (int y = 0; y < size; y++)
        {
            ReadOnlySpan<byte> upper = RowOf(photo, rows[y].First), lower = RowOf(photo, rows[y].Second);
            Span<byte> to = target.Slice(y * size * RgbImage.Channels, size * RgbImage.Channels);
            for (int x = 0; x < size; x++)
            {
                for (int channel = 0; channel < RgbImage.Channels; channel++)
                {
                    float top = Between(upper, columns[x], channel), bottom = Between(lower, columns[x], channel);
                    to[x * RgbImage.Channels + channel] = (byte)(top + (bottom - top) * rows[y].Share + 0.5f);
                }
            }
        }
    }

    private static Tap[] Taps(int start, int length, int padding, int side, int size)
    {
        var taps = new Tap[size];
        for (int i = 0; i < size; i++)
        {
            float position = i * ((float)side / size);
            int first = Math.Min((int)position, side - 1);
            taps[i] = new Tap(Index(first), Index(Math.Min(first + 1, side - 1)), position - first);
        }

        return taps;

        int Index(int inSquare) => inSquare - padding is var k && k >= 0 && k < length ? start + k : Black;
    }

    private static ReadOnlySpan<byte> RowOf(RgbImage photo, int y) => y == Black ? [] : photo.Row(y);

    private static float Between(ReadOnlySpan<byte> row, Tap tap, int channel)
    {
        float first = At(row, tap.First, channel);
        return first + (At(row, tap.Second, channel) - first) * tap.Share;
    }

    private static float At(ReadOnlySpan<byte> row, int x, int channel) =>
        x == Black || row.IsEmpty ? 0f : row[x * RgbImage.Channels + channel];

    private readonly record struct Tap(int First, int Second, float Share);
}

/// <summary>
/// A rectangle of a photo, padded with black to a square: the input of a network. Converts the network's outputs, in units of the square,
/// to pixels of the photo.
/// </summary>
/// <param name="X">Left edge of the rectangle in the photo, in pixels.</param>
/// <param name="Y">Top edge.</param>
/// <param name="Width">Width of the rectangle, at least 1.</param>
/// <param name="Height">Height of the rectangle, at least 1.</param>
/// <param name="PaddingLeft">Black columns left of the rectangle.</param>
/// <param name="PaddingTop">Black rows above the rectangle.</param>
/// <param name="Side">Side of the square in pixels of the photo.</param>
internal readonly record struct SquareView(int X, int Y, int Width, int Height, int PaddingLeft, int PaddingTop, int Side)
{
    /// <summary>Centres the rectangle in the smallest square that holds it. An odd pixel goes right or below, as in face-api.</summary>
    public static SquareView Centred(int x, int y, int width, int height)
    {
        int side = Math.Max(width, height);
        return new SquareView(x, y, width, height, (side - width) / 2, (side - height) / 2, side);
    }

    /// <summary>Converts a point from units of the square (0-1) to pixels of the photo.</summary>
    public Vector2 ToPhoto(Vector2 point) => new Vector2(X - PaddingLeft, Y - PaddingTop) + point * Side;
}
