using System.Numerics;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Detection;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Training.Data;

namespace IpuNet.Training.Aligning;

/// <summary>Where the face in the middle of a photo lies, by the detector and its landmarks at full size.</summary>
/// <param name="Face">Maps pixels of the aligned face, 128 x 128 px, to pixels of the photo.</param>
/// <param name="IsAlone">Whether the detector found no other face in the photo.</param>
internal sealed record FaceLabel(SimilarityTransform Face, bool IsAlone)
{
    private const int Chunk = 16, RowLength = 5;

    // In sides of the photo's longer side, and in pixels of the photo.
    private const float NearTheMiddle = 0.2f, LeastSide = 40;

    /// <summary>How the detector searches. A photo of a person shows the face large, so small ones need not be found.</summary>
    public static FaceDetectorSettings Search { get; } = new() { SmallestFace = 24 };

    /// <summary>Side of the aligned face in pixels of the photo.</summary>
    public float Side => FaceAligner.Size * Face.Scale;

    /// <summary>Middle of the aligned face in pixels of the photo.</summary>
    public Vector2 Middle => Face.Apply(new Vector2(FaceAligner.Size / 2f));

    /// <summary>The labels of photos, from a cache file or by the detector.</summary>
    /// <param name="folder">The folder of the cache files.</param>
    /// <param name="detector">The detector.</param>
    /// <param name="landmarker">Finds the landmarks in the detector's boxes.</param>
    /// <param name="photos">The photos.</param>
    /// <param name="unreadable">Gets an error for each photo that cannot be read. With a cache file there are none.</param>
    /// <param name="progress">Gets the number of photos that are done.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>For each photo its label; null if it has not exactly one face near the middle, or cannot be read.</returns>
    public static IReadOnlyList<FaceLabel?> Cached(
        string folder, FaceDetector detector, FaceLandmarker landmarker, IReadOnlyList<TrainingFace> photos,
        Action<FaceDataException>? unreadable, IProgress<int>? progress, CancellationToken cancellation)
    {
        float[][] rows = FaceCache.Rows(folder, "labels", $"{detector.Id}+{landmarker.Id}", photos, () =>
        {
            var found = new List<float[]>();
            foreach (TrainingFace[] chunk in photos.Chunk(Chunk))
            {
                cancellation.ThrowIfCancellationRequested();
                var images = new RgbImage?[chunk.Length];
                Parallel.For(0, chunk.Length, i => images[i] = Read(chunk[i], unreadable));
                var faces = new Queue<IReadOnlyList<DetectedFace>>(detector.Detect([.. images.OfType<RgbImage>()]));
                found.AddRange(images.Select(image => RowOf(
                    image is null ? null : Of(image, faces.Dequeue(), box => landmarker.Find([(image, box)])[0]))));
                progress?.Report(found.Count);
            }

            return [.. found];
        });
        return [.. rows.Select(OfRow)];
    }

    /// <summary>The label of a photo; null if it has not exactly one face near the middle.</summary>
    /// <param name="photo">The photo.</param>
    /// <param name="faces">All faces in it.</param>
    /// <param name="landmarksIn">Finds the landmarks of the face in a box.</param>
    public static FaceLabel? Of(RgbImage photo, IReadOnlyList<DetectedFace> faces, Func<FaceBox, FaceLandmarks> landmarksIn)
    {
        var middle = new Vector2(photo.Width / 2f, photo.Height / 2f);
        float near = NearTheMiddle * Math.Max(photo.Width, photo.Height);
        DetectedFace[] inTheMiddle = [
            .. faces.Where(face => Vector2.Distance(
                new(face.Box.X + face.Box.Width / 2, face.Box.Y + face.Box.Height / 2), middle) < near)];
        if (inTheMiddle is not [var only])
            return null;
        try
        {
            var label = new FaceLabel(FaceAligner.FitChip(landmarksIn(only.Box)), faces.Count == 1);
            return label.Side >= LeastSide ? label : null;
        }
        catch (FaceDataException)
        {
            return null;
        }
    }

    private static RgbImage? Read(TrainingFace photo, Action<FaceDataException>? unreadable)
    {
        try
        {
            return DecodedMemory.Use(photo.Path, image => image);
        }
        catch (FaceDataException e)
        {
            unreadable?.Invoke(e);
            return null;
        }
    }

    private static float[] RowOf(FaceLabel? label) => label is null
        ? new float[RowLength]
        : [label.IsAlone ? 1 : 2, label.Face.A, label.Face.B, label.Face.Translation.X, label.Face.Translation.Y];

    private static FaceLabel? OfRow(float[] row) =>
        row[0] == 0 ? null : new FaceLabel(new SimilarityTransform(row[1], row[2], new Vector2(row[3], row[4])), row[0] == 1);
}

/// <summary>
/// Whole photos with labels, by index. Photos that fit into the memory are decoded once, all others at each use. Kept photos count against
/// this memory, and not against that of <see cref="DecodedMemory"/>.
/// </summary>
internal sealed class LabelledPhotos
{
    private readonly IReadOnlyList<(TrainingFace File, FaceLabel Label)> _photos;
    private readonly RgbImage?[] _kept;

    private LabelledPhotos(IReadOnlyList<(TrainingFace File, FaceLabel Label)> photos, RgbImage?[] kept)
    {
        _photos = photos;
        _kept = kept;
    }

    /// <summary>Number of photos.</summary>
    public int Count => _photos.Count;

    /// <summary>A photo and its label. Thread-safe.</summary>
    public (RgbImage Photo, FaceLabel Label) this[int index] =>
        (_kept[index] ?? DecodedMemory.Use(_photos[index].File.Path, image => image), _photos[index].Label);

    /// <summary>Decodes the photos with labels on all cores.</summary>
    /// <param name="photos">The photos.</param>
    /// <param name="labels">The label of each; null leaves the photo out.</param>
    /// <param name="memory">Memory for kept photos in bytes.</param>
    /// <param name="progress">Gets a report for each photo that is read.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public static LabelledPhotos Load(
        IReadOnlyList<TrainingFace> photos, IReadOnlyList<FaceLabel?> labels, long memory, IProgress<int>? progress = null,
        CancellationToken cancellation = default)
    {
        (TrainingFace File, FaceLabel Label)[] good = [
            .. photos.Zip(labels).Where(photo => photo.Second is not null).Select(photo => (photo.First, photo.Second!))];
        var kept = new RgbImage?[good.Length];
        long used = 0;
        Parallel.For(0, good.Length, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            if (Interlocked.Read(ref used) < memory)
            {
                RgbImage photo = DecodedMemory.Use(good[i].File.Path, image => image);
                if (Interlocked.Add(ref used, photo.Pixels.Length) <= memory)
                    kept[i] = photo;
            }

            progress?.Report(i);
        });
        return new LabelledPhotos(good, kept);
    }
}
