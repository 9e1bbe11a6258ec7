using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;

namespace IpuNet.Faces.Detection;

/// <summary>A face found in a photo.</summary>
/// <param name="Box">The face's box from the brows to the chin, inside the photo, in pixels.</param>
/// <param name="Score">The detector's score, 0-1.</param>
public readonly record struct DetectedFace(FaceBox Box, float Score);

/// <summary>
/// Finds faces in photos: runs the detector on every pass of every photo and merges the boxes. Many threads may share one detector.
/// </summary>
public sealed class FaceDetector : IDisposable
{
    // Passes of one size share a run up to this many pixels of the network's input. More gain nothing on a CPU.
    private const int BatchPixels = 1_000_000;

    private readonly OnnxSession _session;
    private readonly FaceDetectorSettings _settings;

    private FaceDetector(OnnxSession session, FaceDetectorSettings settings) => (_session, _settings) = (session, settings);

    /// <summary>The id of the model, such as "rfb-320@1".</summary>
    public string Id => _session.Name;

    /// <summary>Loads the detector in use.</summary>
    /// <param name="store">The model store.</param>
    /// <param name="inference">The device, threads and batch size.</param>
    /// <param name="settings">What counts as a face. Null takes <see cref="FaceDetectorSettings.Default"/>.</param>
    /// <exception cref="FaceDataException">No detector is in use, it cannot be used, or the device is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public static FaceDetector Open(ModelStore store, InferenceSettings inference, FaceDetectorSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Open(store.FindCurrent(ModelKind.Detector), inference, settings);
    }

    /// <summary>Loads a detector.</summary>
    /// <param name="model">The model.</param>
    /// <param name="inference">The device, threads and batch size.</param>
    /// <param name="settings">What counts as a face. Null takes <see cref="FaceDetectorSettings.Default"/>.</param>
    /// <exception cref="FaceDataException">The model cannot be used, or the device is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of its range.</exception>
    public static FaceDetector Open(InstalledModel model, InferenceSettings inference, FaceDetectorSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(inference);
        settings ??= FaceDetectorSettings.Default;
        settings.Validate();
        return new FaceDetector(
            OnnxSession.Open(model.Require(ModelKind.Detector), inference).Require(0, 0, TensorNames.Map(0)), settings);
    }

    /// <summary>Finds the faces in a photo.</summary>
    /// <param name="photo">A photo of any size.</param>
    /// <returns>The faces, highest score first. Empty if none was found.</returns>
    public IReadOnlyList<DetectedFace> Detect(RgbImage photo) => Detect([photo])[0];

    /// <summary>Finds the faces in photos. Photos of one size share batches.</summary>
    /// <param name="photos">Photos of any sizes.</param>
    /// <param name="smallestFace">
    /// Height in pixels of the smallest face to search for. Null takes <see cref="FaceDetectorSettings.SmallestFace"/>.
    /// </param>
    /// <returns>For each photo its faces, highest score first. Their boxes are clipped to the photo.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The smallest face is lower than 4 px.</exception>
    public IReadOnlyList<IReadOnlyList<DetectedFace>> Detect(IReadOnlyList<RgbImage> photos, int? smallestFace = null)
    {
        ArgumentNullException.ThrowIfNull(photos);
        FaceDetectorSettings settings = _settings with { SmallestFace = smallestFace ?? _settings.SmallestFace };
        settings.Validate();
        var found = photos.Select(p => new PassMerger(p.Width, p.Height)).ToArray();
        var passes = photos.SelectMany((photo, i) => PhotoPasses.Of(photo.Width, photo.Height, settings).Select(pass => (Photo: i, pass)));
        foreach (var sized in passes.GroupBy(item => (item.pass.InputWidth, item.pass.InputHeight)))
        {
            (int width, int height) = sized.Key;
            foreach (var batch in sized.Chunk(Math.Max(1, BatchPixels / (width * height))))
            {
                _session.RunSized(
                    width, height, batch,
                    (item, target) => View(photos[item.Photo], item.pass).Pixels.CopyTo(target),
                    outputs =>
                    {
                        for (int i = 0; i < batch.Length; i++)
                            found[batch[i].Photo].Add(batch[i].pass, Decode(outputs, i, width, height));
                    });
            }
        }

        return [.. found.Select(merger => merger.Merge(_settings.MaximumFaces))];
    }

    /// <inheritdoc/>
    public void Dispose() => _session.Dispose();

    private static RgbImage View(RgbImage photo, PhotoPass pass)
    {
        RgbImage part = (pass.Width, pass.Height) == (photo.Width, photo.Height)
            ? photo
            : photo.Crop(pass.X, pass.Y, pass.Width, pass.Height);
        return Resampler.Resize(part, pass.InputWidth, pass.InputHeight);
    }

    private List<DetectedFace> Decode(IReadOnlyDictionary<string, SizedOutput> outputs, int index, int width, int height)
    {
        var boxes = new List<DetectedFace>();
        for (int map = 0; map < Rfb320.Maps.Count; map++)
        {
            SizedOutput output = outputs[TensorNames.Map(map)];
            (int columns, int rows) = (output.Shape[2], output.Shape[1]);
            RfbBoxDecoder.Decode(map, output.Floats(index), (width, height), (columns, rows), _settings.MinimumScore, boxes);
        }

        return boxes;
    }
}

/// <summary>Merges the boxes from the passes of one photo.</summary>
/// <param name="width">Width of the photo in pixels.</param>
/// <param name="height">Height of the photo in pixels.</param>
internal sealed class PassMerger(int width, int height)
{
    // A box this close to a part's edge, as a share of the part's shorter side, is a cut face. Another part shows the whole face.
    private const float EdgeShare = 1f / 128;

    private readonly List<DetectedFace> _boxes = [];

    /// <summary>Adds the boxes from a pass.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="boxes">Boxes in pixels of the network's input.</param>
    public void Add(PhotoPass pass, IEnumerable<DetectedFace> boxes)
    {
        float x = (float)pass.Width / pass.InputWidth, y = (float)pass.Height / pass.InputHeight;
        foreach (var candidate in boxes)
        {
            FaceBox seen = candidate.Box;
            var box = new FaceBox(pass.X + seen.X * x, pass.Y + seen.Y * y, seen.Width * x, seen.Height * y);
            bool isInPhoto = box.ClipTo(width, height).Area > 0f;
            if (isInPhoto && box.Height >= pass.SmallestFace && box.Height <= pass.LargestFace && !IsCut(box, pass))
                _boxes.Add(candidate with { Box = box });
        }
    }

    /// <summary>The boxes of the photo's faces: each face once, clipped to the photo, highest score first.</summary>
    public IReadOnlyList<DetectedFace> Merge(int maximumCount) =>
    [
        .. NonMaximumSuppression.Keep(_boxes, maximumCount).Select(b => b with { Box = b.Box.ClipTo(width, height) }),
    ];

    // The photo's own edges do not count: no other part shows more of such a face.
    private bool IsCut(FaceBox box, PhotoPass pass)
    {
        float margin = Math.Min(pass.Width, pass.Height) * EdgeShare;
        return (pass.X > 0 && box.X < pass.X + margin)
            || (pass.Y > 0 && box.Y < pass.Y + margin)
            || (pass.X + pass.Width < width && box.Right > pass.X + pass.Width - margin)
            || (pass.Y + pass.Height < height && box.Bottom > pass.Y + pass.Height - margin);
    }
}

/// <summary>Keeps the best box of each face.</summary>
internal static class NonMaximumSuppression
{
    // Intersection over union of two boxes of one face, at least.
    private const float MaximumOverlap = 0.35f;

    // A box that lies in another to this share shows a part of its face, such as half of it, unless it is far smaller.
    private const float Contained = 0.7f, FarSmaller = 0.15f;

    /// <summary>
    /// Goes through the boxes from the highest score down. Keeps each box that shows another face than all kept boxes. Boxes of equal score
    /// keep their order, so the result is deterministic.
    /// </summary>
    /// <param name="boxes">The boxes.</param>
    /// <param name="maximumCount">The maximum number of boxes to keep.</param>
    /// <returns>The kept boxes, highest score first.</returns>
    public static List<DetectedFace> Keep(IEnumerable<DetectedFace> boxes, int maximumCount)
    {
        var kept = new List<DetectedFace>();
        foreach (var candidate in boxes.OrderByDescending(b => b.Score))
        {
            if (kept.Count == maximumCount)
                break;
            if (kept.TrueForAll(k => !IsSameFace(k.Box, candidate.Box)))
                kept.Add(candidate);
        }

        return kept;
    }

    private static bool IsSameFace(FaceBox a, FaceBox b)
    {
        float overlap = a.IntersectionOverUnion(b);
        float smaller = Math.Min(a.Area, b.Area), larger = Math.Max(a.Area, b.Area);
        float shared = overlap / (1 + overlap) * (a.Area + b.Area);
        return overlap > MaximumOverlap || (shared > Contained * smaller && smaller > FarSmaller * larger);
    }
}
