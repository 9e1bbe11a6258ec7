using System.Collections.Concurrent;
using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Files;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Training.Data;

namespace IpuNet.Retraining.Preparation;

/// <summary>
/// Prepares training images. It aligns the face of each image that shows exactly one large face, and drops near duplicates. A folder keeps
/// the outcome by the SHA-256 of the image, so each image is prepared only once.
/// </summary>
/// <param name="models">The models; a recogniser is not needed.</param>
/// <param name="folder">Folder of the aligned faces.</param>
public sealed class FacePreparation(PipelineModels models, string folder)
{
    /// <summary>
    /// Minimum height of a face in pixels. The networks work at 128 px. A smaller face that is enlarged to that size has no detail to
    /// learn.
    /// </summary>
    public const float MinFaceHeight = 80;

    private const string FaceExtension = ".png", RefusalExtension = ".refused";
    private const string Ambiguous = "ambiguous", NoFace = "no-face", SeveralFaces = "several-faces";
    private const string TooSmall = "too-small", Unreadable = "unreadable";

    /// <summary>
    /// Deletes the aligned faces of all other images, so that people whose images are deleted leave the folder. Keeps files that are not
    /// aligned faces.
    /// </summary>
    /// <param name="folder">Folder of the aligned faces; it may be missing.</param>
    /// <param name="images">SHA-256 of the images to keep, lower-case hexadecimal.</param>
    public static void DeleteOthers(string folder, IEnumerable<string> images)
    {
        if (!Directory.Exists(folder))
            return;
        var kept = images.ToHashSet(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(folder))
        {
            string image = Path.GetFileName(file).Split('.')[0];
            if (IsSha256(image) && !kept.Contains(image))
                File.Delete(file);
        }

        static bool IsSha256(string name) => name.Length == 2 * SHA256.HashSizeInBytes && name.All(char.IsAsciiHexDigitLower);
    }

    /// <summary>Prepares images.</summary>
    /// <param name="images">The images.</param>
    /// <param name="progress">Gets the number of images done.</param>
    /// <param name="cancellation">Cancels the operation. Faces that are ready stay in the folder.</param>
    public async Task<PreparedFaces> RunAsync(
        IReadOnlyList<SourceImage> images, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        PrivateFolder.Open(folder);
        ILookup<bool, IGrouping<string, SourceImage>> files = images.GroupBy(image => image.Sha256)
            .ToLookup(same => same.DistinctBy(image => image.Identity).Skip(1).Any());
        SourceImage[] unique = [.. files[false].Select(same => same.First())];
        await AlignAsync(unique, images.Count - unique.Length, progress, cancellation).ConfigureAwait(false);

        var refused = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        if (files[true].Any())
            refused[Ambiguous] = files[true].Sum(same => same.Count());
        List<TrainingFace> faces = [];
        foreach (SourceImage image in unique)
        {
            if (File.Exists(PathOf(image, FaceExtension)))
            {
                faces.Add(new TrainingFace(PathOf(image, FaceExtension), null, image.Identity));
                continue;
            }

            string refusal = await File.ReadAllTextAsync(PathOf(image, RefusalExtension), cancellation).ConfigureAwait(false);
            refused.AddOrUpdate(refusal, 1, (_, count) => count + 1);
        }

        var kept = await Task.Run(() => NearDuplicates.Remove(faces, cancellation), cancellation).ConfigureAwait(false);
        int copies = files[false].Sum(same => same.Count() - 1);
        return new PreparedFaces(kept, copies + faces.Count - kept.Count, refused);
    }

    private async Task AlignAsync(SourceImage[] images, int done, IProgress<int>? progress, CancellationToken cancellation)
    {
        SourceImage[] missing = [.. images.Where(image => !IsPrepared(image))];
        progress?.Report(done += images.Length - missing.Length);
        var pipeline = new ImagePipeline(models, new ImagePipelineOptions { Enhance = EnhanceChoice.Off });
        await foreach (var batch in pipeline.RunAsync(missing.Select(image => new MissingFace(image)), cancellation).ConfigureAwait(false))
        {
            Parallel.ForEach(batch, result => Keep(result.Source.Image, result));
            progress?.Report(done += batch.Count);
        }
    }

    private void Keep(SourceImage image, ImageResult result)
    {
        string? refusal = result switch
        {
            { Status: ImageStatus.NoFace } => NoFace,
            { Status: not ImageStatus.Ok } => Unreadable,
            { Faces: not [_] } => SeveralFaces,
            { Faces: [{ SourceHeight: < MinFaceHeight }] } => TooSmall,
            _ => null,
        };
        if (refusal is null)
            AtomicFile.Write(PathOf(image, FaceExtension), ImageEncoder.EncodePng(result.Faces[0].Aligned), durable: false);
        else
            AtomicFile.Write(PathOf(image, RefusalExtension), System.Text.Encoding.ASCII.GetBytes(refusal), durable: false);
    }

    private bool IsPrepared(SourceImage image) =>
        File.Exists(PathOf(image, FaceExtension)) || File.Exists(PathOf(image, RefusalExtension));

    private string PathOf(SourceImage image, string extension) => Path.Combine(folder, image.Sha256 + extension);

    private sealed record MissingFace(SourceImage Image) : ImageSource(
        Image.Path, _ => Task.FromResult(ImageDecoder.ReadFile(Image.Path, Image.Path)));
}

/// <summary>
/// Finds near duplicates among the images of a person, such as a file that was resized or compressed again. In a training they would count
/// twice. In an evaluation, a probe would be compared with itself.
/// </summary>
internal static class NearDuplicates
{
    // Limit of the mean difference of a colour value. In LFW, an aligned face differs by 3.6 at most from itself at 90 px and JPEG quality
    // 50 (600 faces), and by 14 or more from another photo of the person (3,000 pairs).
    private const int Side = 16;
    private const double SameWithin = 6;

    /// <summary>Keeps the first of each person's near duplicates, in the given order.</summary>
    public static IReadOnlyList<TrainingFace> Remove(IReadOnlyList<TrainingFace> faces, CancellationToken cancellation)
    {
        var isCopy = new bool[faces.Count];
        var people = Enumerable.Range(0, faces.Count).GroupBy(i => faces[i].Identity);
        Parallel.ForEach(people, new ParallelOptions { CancellationToken = cancellation }, person =>
        {
            List<byte[]> kept = [];
            foreach (int i in person)
            {
                byte[] small = Resampler.Resize(faces[i].Load(), Side, Side, ResampleFilter.Area).Pixels.ToArray();
                isCopy[i] = kept.Exists(other => Difference(small, other) < SameWithin);
                if (!isCopy[i])
                    kept.Add(small);
            }
        });
        return [.. faces.Where((_, i) => !isCopy[i])];
    }

    private static double Difference(byte[] a, byte[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Average();
}
