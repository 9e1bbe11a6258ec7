using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Training.Data;

/// <summary>A face of a set.</summary>
/// <param name="Path">The image file.</param>
/// <param name="Crop">The square of the image that becomes the aligned face; null for the whole image.</param>
/// <param name="Identity">The person, unique over all sets; null if unknown.</param>
public sealed record TrainingFace(string Path, FixedCrop? Crop, string? Identity)
{
    /// <summary>Decodes and aligns the face: [128, 128, 3].</summary>
    /// <exception cref="FaceDataException">The image cannot be read.</exception>
    public RgbImage Load() => DecodedMemory.Use(Path, image => FixedCrop.Apply(image, Crop, FaceAligner.Size));
}

/// <summary>Finds the faces of an experiment.</summary>
public static class FaceSet
{
    /// <summary>Lists all faces, ordered by name.</summary>
    /// <param name="options">The sets.</param>
    /// <param name="root">The folder that the sets' paths are relative to.</param>
    /// <param name="leftOut">
    /// Gets an error for each file that is left out because it is not an image. Notes, data and hidden files are left out silently.
    /// </param>
    /// <exception cref="FaceDataException">A folder or list is missing, or a set has no image.</exception>
    public static IReadOnlyList<TrainingFace> Find(DataOptions options, string root, Action<FaceDataException>? leftOut = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return [.. options.Sets.SelectMany(set => Find(set, root, leftOut))];
    }

    private static TrainingFace[] Find(ImageSet set, string root, Action<FaceDataException>? leftOut)
    {
        string folder = Path.Combine(root, set.Folder);
        if (!Directory.Exists(folder))
            throw new FaceDataException($"{folder}: no such folder. Name the folder that holds '{set.Folder}' with --data.");

        IEnumerable<TrainingFace> faces = set.Identities
            ? Identities(set, root, folder).SelectMany(
                id => Images(Path.Combine(folder, id), leftOut).Select(f => new TrainingFace(f, set.Crop, $"{set.Folder}/{id}")))
            : Images(folder, leftOut).Select(f => new TrainingFace(f, set.Crop, null));
        TrainingFace[] found = [.. set.Limit > 0 ? faces.Take(set.Limit) : faces];
        return found.Length > 0 ? found : throw new FaceDataException($"{folder}: the folder has no image (JPEG, PNG, WebP or BMP).");
    }

    private static IEnumerable<string> Identities(ImageSet set, string root, string folder)
    {
        if (set.People is null)
            return Directory.EnumerateDirectories(folder).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal);
        string list = Path.Combine(root, set.People);
        if (!File.Exists(list))
            throw new FaceDataException($"{list}: no such list of identities. Correct 'people' in the experiment.");
        // LFW's lists start with the number of names. Some also have the number of images behind each name.
        return File.ReadLines(list).Select(line => line.Split('\t', ' ')[0])
            .Where(name => name.Length > 0 && !int.TryParse(name, out int _) && Directory.Exists(Path.Combine(folder, name))).ToArray();
    }

    // A file with the extension of an image is not checked here: the decoder checks it.
    private static IEnumerable<string> Images(string folder, Action<FaceDataException>? leftOut) => Directory.EnumerateFiles(folder)
        .Where(file => !ImageFiles.IsSideFile(Path.GetFileName(file)))
        .Order(StringComparer.Ordinal)
        .Where(file => ImageFiles.HasImageExtension(file) || IsImage(file, leftOut));

    private static bool IsImage(string file, Action<FaceDataException>? leftOut)
    {
        if (ImageDecoder.FileFormatFaultOf(file) is not { } fault)
            return true;
        leftOut?.Invoke(new FaceDataException($"{file}: {fault}"));
        return false;
    }
}
