using System.Numerics;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;

namespace IpuNet.Faces.Detection;

/// <summary>Finds faces and their landmarks in photos. Many threads may share one detector.</summary>
public sealed class FaceDetector : IDisposable
{
    private const int LargestCpuBatch = 4;

    private readonly OnnxSession _detector;
    private readonly OnnxSession _landmarkNet;
    private readonly BoxFinder _boxes;
    private readonly LandmarkFinder _landmarks;

    private FaceDetector(OnnxSession detector, OnnxSession landmarkNet, FaceDetectorSettings settings)
    {
        _detector = detector;
        _landmarkNet = landmarkNet;
        _boxes = new BoxFinder(detector, settings);
        _landmarks = new LandmarkFinder(landmarkNet);
        Id = $"{detector.Name}+{landmarkNet.Name}";
    }

    /// <summary>
    /// The ids of the detector and the landmark network, such as "ssd-mobilenet-v1@1+face-landmark-68@1". Both affect the alignment.
    /// </summary>
    public string Id { get; }

    /// <summary>Loads the detector and the landmark network in use.</summary>
    /// <param name="store">The model store.</param>
    /// <param name="inference">The device, threads and batch size.</param>
    /// <param name="settings">What counts as a face. Null takes <see cref="FaceDetectorSettings.Default"/>.</param>
    /// <exception cref="FaceDataException">A model is not in use or cannot be used, or the device is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public static FaceDetector Open(ModelStore store, InferenceSettings inference, FaceDetectorSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Open(store.FindCurrent(ModelKind.Detector), store.FindCurrent(ModelKind.Landmarks), inference, settings);
    }

    /// <summary>Loads a detector and a landmark network.</summary>
    /// <param name="detector">The detector.</param>
    /// <param name="landmarks">The landmark network.</param>
    /// <param name="inference">The device, threads and batch size.</param>
    /// <param name="settings">What counts as a face. Null takes <see cref="FaceDetectorSettings.Default"/>.</param>
    /// <exception cref="FaceDataException">A model cannot be used, or the device is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public static FaceDetector Open(
        InstalledModel detector, InstalledModel landmarks, InferenceSettings inference, FaceDetectorSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(landmarks);
        ArgumentNullException.ThrowIfNull(inference);
        settings ??= FaceDetectorSettings.Default;
        settings.Validate();
        // The detector's first feature maps take 25 MB per window, and larger batches gain nothing on a CPU.
        if (inference.Device == InferenceSettings.Cpu)
            inference = inference with { BatchSize = Math.Min(inference.BatchSize, LargestCpuBatch) };

        OnnxSession boxes = Open(detector, ModelKind.Detector, inference, SsdMobileNetV1.InputSize, TensorNames.Map(0));
        try
        {
            return new FaceDetector(
                boxes, Open(landmarks, ModelKind.Landmarks, inference, FaceLandmark68.InputSize, TensorNames.Points), settings);
        }
        catch
        {
            boxes.Dispose();
            throw;
        }
    }

    /// <summary>Finds the faces in a photo.</summary>
    /// <param name="photo">A photo of any size.</param>
    /// <returns>The faces, highest score first. Empty if none was found.</returns>
    public IReadOnlyList<DetectedFace> Detect(RgbImage photo) => Detect([photo])[0];

    /// <summary>Finds the faces in photos. The windows and faces of all photos share batches.</summary>
    /// <param name="photos">Photos of any sizes.</param>
    /// <returns>For each photo its faces, highest score first.</returns>
    public IReadOnlyList<IReadOnlyList<DetectedFace>> Detect(IReadOnlyList<RgbImage> photos)
    {
        ArgumentNullException.ThrowIfNull(photos);
        IReadOnlyList<ScoredBox>[] boxes = _boxes.Find(photos);
        var faces = boxes.SelectMany((found, i) => found.Select(face => (Photo: photos[i], face.Box))).ToList();
        var landmarks = new Queue<FaceLandmarks>(_landmarks.Find(faces));
        return [.. boxes.Select(found => found.Select(face => new DetectedFace(face.Box, face.Score, landmarks.Dequeue())).ToList())];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _detector.Dispose();
        _landmarkNet.Dispose();
    }

    private static OnnxSession Open(InstalledModel model, ModelKind kind, InferenceSettings inference, int size, string output) =>
        OnnxSession.Open(model.Require(kind), inference).Require(size, size, output);
}

/// <summary>Finds the boxes of faces: runs the detector on every window of every photo and merges the boxes.</summary>
internal sealed class BoxFinder(OnnxSession session, FaceDetectorSettings settings)
{
    /// <summary>Finds the boxes in each photo: clipped to the photo, highest score first.</summary>
    public IReadOnlyList<ScoredBox>[] Find(IReadOnlyList<RgbImage> photos)
    {
        var found = photos.Select(p => new WindowMerger(p.Width, p.Height)).ToArray();
        var windows = photos
            .SelectMany((photo, i) => PhotoWindows.Of(photo.Width, photo.Height, settings).Select(window => (Photo: i, Window: window)))
            .ToList();

        session.Run(
            windows,
            (window, target) => SquareSampler.Sample(photos[window.Photo], window.Window.View, SsdMobileNetV1.InputSize, target),
            (buffers, first, count) =>
            {
                for (int i = 0; i < count; i++)
                    found[windows[first + i].Photo].Add(windows[first + i].Window, Decode(buffers, i));
            });
        return [.. found.Select(merger => merger.Merge(settings.MaximumFaces))];
    }

    private List<ScoredBox> Decode(SessionBuffers buffers, int index)
    {
        var boxes = new List<ScoredBox>();
        for (int map = 0; map < SsdMobileNetV1.Maps.Count; map++)
            SsdBoxDecoder.Decode(map, buffers.Floats(TensorNames.Map(map), index), settings.MinimumScore, boxes);
        return boxes;
    }
}

/// <summary>Finds the landmarks of faces in given boxes.</summary>
internal sealed class LandmarkFinder(OnnxSession session)
{
    /// <summary>Finds the landmarks of each face, in pixels of its photo.</summary>
    public FaceLandmarks[] Find(IReadOnlyList<(RgbImage Photo, FaceBox Box)> faces)
    {
        var views = faces.Select(face => (face.Photo, View: ViewOf(face.Photo, face.Box))).ToList();
        var landmarks = new FaceLandmarks[faces.Count];
        session.Run(
            views,
            (face, target) => SquareSampler.Sample(face.Photo, face.View, FaceLandmark68.InputSize, target),
            (buffers, first, count) =>
            {
                for (int i = 0; i < count; i++)
                    landmarks[first + i] = Read(buffers.Floats(TensorNames.Points, i), views[first + i].View);
            });
        return landmarks;
    }

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

/// <summary>Merges the boxes from the windows of one photo.</summary>
/// <param name="width">Width of the photo in pixels.</param>
/// <param name="height">Height of the photo in pixels.</param>
internal sealed class WindowMerger(int width, int height)
{
    // face-api uses 0.5. Measured on crowds of faces 30 px high, 0.35 halves the number of faces found twice and loses 2 % of the faces.
    private const float MaximumOverlap = 0.35f;

    // A box this close to a window's edge, as a share of the window's side, is a cut face. Another window shows the whole face.
    private const float EdgeShare = 1f / 128;

    private readonly List<ScoredBox> _boxes = [];

    /// <summary>Adds the boxes from a window.</summary>
    /// <param name="window">The window.</param>
    /// <param name="boxes">Boxes in units of the window's square.</param>
    public void Add(PhotoWindow window, IEnumerable<ScoredBox> boxes)
    {
        foreach (var candidate in boxes)
        {
            FaceBox box = window.View.ToPhoto(candidate.Box);
            bool isInPhoto = box.ClipTo(width, height).Area > 0f;
            if (isInPhoto && box.Height >= window.SmallestFace && box.Height <= window.LargestFace && !IsCut(box, window.View))
                _boxes.Add(candidate with { Box = box });
        }
    }

    /// <summary>The boxes of the photo's faces: each face once, clipped to the photo, highest score first.</summary>
    public IReadOnlyList<ScoredBox> Merge(int maximumCount) =>
    [
        .. NonMaximumSuppression.Keep(_boxes, MaximumOverlap, maximumCount).Select(b => b with { Box = b.Box.ClipTo(width, height) }),
    ];

    // The photo's own edges do not count: no other window shows more of such a face.
    private bool IsCut(FaceBox box, SquareView view)
    {
        float margin = view.Side * EdgeShare;
        return (view.X > 0 && box.X < view.X + margin)
            || (view.Y > 0 && box.Y < view.Y + margin)
            || (view.X + view.Width < width && box.Right > view.X + view.Width - margin)
            || (view.Y + view.Height < height && box.Bottom > view.Y + view.Height - margin);
    }
}

/// <summary>Keeps the best box of each face.</summary>
internal static class NonMaximumSuppression
{
    /// <summary>
    /// Goes through the boxes from the highest score down. Keeps each box that overlaps no kept box by more than the limit. Boxes of equal
    /// score keep their order, so the result is deterministic.
    /// </summary>
    /// <param name="boxes">The boxes.</param>
    /// <param name="maximumOverlap">The limit, as intersection over union, 0-1.</param>
    /// <param name="maximumCount">The maximum number of boxes to keep.</param>
    /// <returns>The kept boxes, highest score first.</returns>
    public static List<ScoredBox> Keep(IEnumerable<ScoredBox> boxes, float maximumOverlap, int maximumCount)
    {
        var kept = new List<ScoredBox>();
        foreach (var candidate in boxes.OrderByDescending(b => b.Score))
        {
            if (kept.Count == maximumCount)
                break;
            if (kept.TrueForAll(k => k.Box.IntersectionOverUnion(candidate.Box) <= maximumOverlap))
                kept.Add(candidate);
        }

        return kept;
    }
}
