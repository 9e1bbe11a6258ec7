using System.Collections.Concurrent;
using System.Security.Cryptography;
using IpuNet.Faces.Files;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Training.Data;

namespace IpuNet.Retraining.Preparation;

/// <summary>
/// Makes aligned faces of images: those with exactly one face, large enough to be the original of a low-resolution one, and no two that
/// show the same. What was made of an image is kept in a folder by the image's SHA-256, so that it is made once.
/// </summary>
/// <param name="models">Finds the faces; no recogniser is needed.</param>
/// <param name="folder">Where aligned faces are kept.</param>
public sealed class FacePreparation(PipelineModels models, string folder)
{
    /// <summary>Height in pixels from which a face is taken; the networks' is 128, and what is enlarged has no detail to learn.</summary>
    public const float MinFaceHeight = 80;

    private const string FaceExtension = ".png", RefusalExtension = ".refused";
    private const string Ambiguous = "ambiguous", NoFace = "no-face", SeveralFaces = "several-faces", TooSmall = "too-small", Unreadable = "unreadable";

    /// <summary>Deletes what is kept of all other images: people whose images are deleted are to be here no longer. Files that were not made here stay.</summary>
    /// <param name="folder">Where aligned faces are kept; it need not be there.</param>
    /// <param name="images">SHA-256 of the images that there are, lower-case hexadecimal.</param>
    public static void DeleteOthers(string folder, IEnumerable<string> images)
    {
        if (!Directory.Exists(folder))
            return;
        var kept = images.ToHashSet(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(folder).Where(file => Path.GetFileName(file).Split('.')[0] is var image && IsSha256(image) && !kept.Contains(image)))
            File.Delete(file);

        static bool IsSha256(string name) => name.Length == 2 * SHA256.HashSizeInBytes && name.All(char.IsAsciiHexDigitLower);
    }

    /// <summary>Prepares images.</summary>
    /// <param name="images">The images.</param>
    /// <param name="progress">Is told how many are done.</param>
    /// <param name="cancellation">Stops; what is made by then is kept.</param>
    public async Task<PreparedFaces> RunAsync(IReadOnlyList<SourceImage> images, IProgress<int>? progress = null, CancellationToken cancellation = default)
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
                faces.Add(new TrainingFace(PathOf(image, FaceExtension), null, image.Identity));
            else
                refused.AddOrUpdate(await File.ReadAllTextAsync(PathOf(image, RefusalExtension), cancellation).ConfigureAwait(false), 1, (_, count) => count + 1);
        }

        IReadOnlyList<TrainingFace> kept = await Task.Run(() => NearDuplicates.Remove(faces, cancellation), cancellation).ConfigureAwait(false);
        int copies = files[false].Sum(same => same.Count() - 1);
        return new PreparedFaces(kept, copies + faces.Count - kept.Count, refused);
    }

    private async Task AlignAsync(SourceImage[] images, int done, IProgress<int>? progress, CancellationToken cancellation)
    {
        SourceImage[] missing = [.. images.Where(image => !File.Exists(PathOf(image, FaceExtension)) && !File.Exists(PathOf(image, RefusalExtension)))];
        progress?.Report(done += images.Length - missing.Length);
        var pipeline = new ImagePipeline(models, new ImagePipelineOptions { Enhance = EnhanceChoice.Off });
        await foreach (var batch in pipeline.RunAsync(missing.Select(image => ImageSource.FromFile(image.Path) with { Tag = image }), cancellation).ConfigureAwait(false))
        {
            Parallel.ForEach(batch, result => Keep((SourceImage)result.Tag!, result));
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
            WholeFile.Write(PathOf(image, FaceExtension), ImageEncoder.EncodePng(result.Faces[0].Aligned), durable: false);
        else
            WholeFile.Write(PathOf(image, RefusalExtension), System.Text.Encoding.ASCII.GetBytes(refusal), durable: false);
    }

    private string PathOf(SourceImage image, string extension) => Path.Combine(folder, image.Sha256 + extension);
}
