using IpuNet.Faces;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Networks;

namespace IpuNet.Training.Data;

/// <summary>One face of a set: where it is, and whose it is where that is known.</summary>
/// <param name="Path">The image's file.</param>
/// <param name="Crop">The square that is the aligned face; null for the whole image.</param>
/// <param name="Identity">Whose face it is, unique over all sets; null where unknown.</param>
public sealed record TrainingFace(string Path, FixedCrop? Crop, string? Identity)
{
    /// <summary>Decodes and aligns the face: [128, 128, 3].</summary>
    /// <exception cref="FaceDataException">The image cannot be read.</exception>
    public RgbImage Load() => FixedCrop.Apply(ImageDecoder.DecodeFile(Path), Crop, UNet.Size);
}

/// <summary>Finds the faces that an experiment learns from.</summary>
public static class FaceSet
{
    /// <summary>Lists all faces, in an order that depends on names only.</summary>
    /// <param name="options">The experiment's data.</param>
    /// <param name="root">The folder that the sets' paths are relative to.</param>
    /// <exception cref="FaceDataException">A folder or list is missing, or there is no image at all.</exception>
    public static IReadOnlyList<TrainingFace> Find(DataOptions options, string root)
    {
        ArgumentNullException.ThrowIfNull(options);
        return [.. options.Sets.SelectMany(set => Find(set, root))];
    }

    private static TrainingFace[] Find(ImageSet set, string root)
    {
        string folder = Path.Combine(root, set.Folder);
        if (!Directory.Exists(folder))
            throw new FaceDataException($"{folder}: there is no such folder. Give the folder that holds '{set.Folder}' with --data.");

        IEnumerable<TrainingFace> faces = set.Identities
            ? Identities(set, root, folder).SelectMany(id => Images(Path.Combine(folder, id)).Select(f => new TrainingFace(f, set.Crop, $"{set.Folder}/{id}")))
            : Images(folder).Select(f => new TrainingFace(f, set.Crop, null));
        TrainingFace[] found = [.. set.Limit > 0 ? faces.Take(set.Limit) : faces];
        return found.Length > 0 ? found : throw new FaceDataException($"{folder}: there is no image ({string.Join(", ", ImageFiles.Extensions)}) in it.");
    }

    private static IEnumerable<string> Identities(ImageSet set, string root, string folder)
    {
        if (set.People is null)
            return Directory.EnumerateDirectories(folder).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal);
        string list = Path.Combine(root, set.People);
        if (!File.Exists(list))
            throw new FaceDataException($"{list}: there is no such list of identities.");
        // LFW's lists open with their length, and may give the number of images behind each name.
        return [.. File.ReadLines(list).Select(line => line.Split('\t', ' ')[0]).Where(name => name.Length > 0 && !int.TryParse(name, out int _) && Directory.Exists(Path.Combine(folder, name)))];
    }

    private static IEnumerable<string> Images(string folder) =>
        Directory.EnumerateFiles(folder).Where(ImageFiles.IsNamedSo).Order(StringComparer.Ordinal);
}
