using IpuNet.Faces;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Networks;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Training.Data;

/// <summary>One face of a set: where it is, and whose it is where that is known.</summary>
/// <param name="Path">The image's file.</param>
/// <param name="Crop">The square that is the aligned face; null for the whole image.</param>
/// <param name="Identity">Whose face it is, unique over all sets; null where unknown.</param>
public sealed record TrainingFace(string Path, FixedCrop? Crop, string? Identity)
{
    /// <summary>Decodes and aligns the face: [128, 128, 3].</summary>
    /// <exception cref="FaceDataException">The image cannot be read.</exception>
    public RgbImage Load() => DecodedMemory.Use(Path, image => FixedCrop.Apply(image, Crop, UNet.Size));
}

/// <summary>Finds the faces that an experiment learns from.</summary>
public static class FaceSet
{
    /// <summary>Lists all faces, in an order that depends on names only.</summary>
    /// <param name="options">The experiment's data.</param>
    /// <param name="root">The folder that the sets' paths are relative to.</param>
    /// <param name="leftOut">Is told of every file that may be meant as an image and is none, and why. Notes, data and hidden files are not
    /// told.</param>
    /// <exception cref="FaceDataException">A folder or list is missing, or there is no image at all.</exception>
    public static IReadOnlyList<TrainingFace> Find(DataOptions options, string root, Action<FaceDataException>? leftOut = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        return [.. options.Sets.SelectMany(set => Find(set, root, leftOut))];
    }

    private static TrainingFace[] Find(ImageSet set, string root, Action<FaceDataException>? leftOut)
    {
        string folder = Path.Combine(root, set.Folder);
        if (!Directory.Exists(folder))
            throw new FaceDataException($"{folder}: there is no such folder. Give the folder that holds '{set.Folder}' with --data.");

        IEnumerable<TrainingFace> faces = set.Identities
            ? Identities(set, root, folder).SelectMany(
                id => Images(Path.Combine(folder, id), leftOut).Select(f => new TrainingFace(f, set.Crop, $"{set.Folder}/{id}")))
            : Images(folder, leftOut).Select(f => new TrainingFace(f, set.Crop, null));
        TrainingFace[] found = [.. set.Limit > 0 ? faces.Take(set.Limit) : faces];
        return found.Length > 0 ? found : throw new FaceDataException($"{folder}: there is no image (JPEG, PNG, WebP or BMP) in it.");
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

    // What is named as an image is looked at when it is decoded.
    private static IEnumerable<string> Images(string folder, Action<FaceDataException>? leftOut) => Directory.EnumerateFiles(folder)
        .Where(file => !ImageFiles.IsSideFile(Path.GetFileName(file)))
        .Order(StringComparer.Ordinal)
        .Where(file => ImageFiles.IsNamedSo(file) || IsImage(file, leftOut));

    private static bool IsImage(string file, Action<FaceDataException>? leftOut)
    {
        if (ImageDecoder.FileFormatFaultOf(file) is not { } fault)
            return true;
        leftOut?.Invoke(new FaceDataException($"{file}: {fault}"));
        return false;
    }
}
