using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;

namespace IpuNet.Training.Data;

/// <summary>
/// The aligned faces of a set, by index. Faces that fit into the cache are decoded once. All others are decoded at each use.
/// </summary>
public sealed class AlignedFaces
{
    private const int BytesPerFace = FaceAligner.Size * FaceAligner.Size * RgbImage.Channels;

    private readonly IReadOnlyList<TrainingFace> _faces;
    private readonly RgbImage?[] _kept;

    private AlignedFaces(IReadOnlyList<TrainingFace> faces, RgbImage?[] kept)
    {
        _faces = faces;
        _kept = kept;
    }

    /// <summary>Number of faces.</summary>
    public int Count => _faces.Count;

    /// <summary>The file and the identity of each face.</summary>
    public IReadOnlyList<TrainingFace> Faces => _faces;

    /// <summary>One face: [128, 128, 3]. Thread-safe.</summary>
    public RgbImage this[int index] => _kept[index] ?? _faces[index].Load();

    /// <summary>Decodes the faces on all cores. Leaves out unreadable faces, and reports them.</summary>
    /// <param name="faces">The faces.</param>
    /// <param name="cacheMegabytes">Memory for kept faces, MiB.</param>
    /// <param name="unreadable">Gets an error for each file that is left out.</param>
    /// <param name="progress">Gets the number of files read.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="FaceDataException">No face can be read.</exception>
    public static AlignedFaces Load(
        IReadOnlyList<TrainingFace> faces, int cacheMegabytes, Action<FaceDataException>? unreadable = null,
        IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(faces);
        int keep = (int)Math.Min(faces.Count, cacheMegabytes * 1024L * 1024L / BytesPerFace);
        var images = new RgbImage?[faces.Count];
        var readable = new bool[faces.Count];
        int done = 0;
        Parallel.For(0, faces.Count, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            try
            {
                RgbImage image = faces[i].Load();
                readable[i] = true;
                if (i < keep)
                    images[i] = image;
            }
            catch (FaceDataException e)
            {
                lock (readable)
                    unreadable?.Invoke(e);
            }
            progress?.Report(Interlocked.Increment(ref done));
        });
        int[] left = [.. Enumerable.Range(0, faces.Count).Where(i => readable[i])];
        return left.Length > 0
            ? new AlignedFaces([.. left.Select(i => faces[i])], [.. left.Select(i => images[i])])
            : throw new FaceDataException($"None of the {faces.Count:N0} images can be read. The messages above say why.");
    }
}
