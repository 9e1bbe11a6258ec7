using System.Security.Cryptography;
using System.Text;
using IpuNet.Faces.Files;
using IpuNet.Faces.Imaging;

namespace IpuNet.Service.Retraining;

/// <summary>The images of a training on this machine. A file's name derives from the blob's by a hash, so no name from storage is a path.</summary>
internal sealed class TrainingImageFiles
{
    private const string ImageFolder = "images";

    private readonly string _folder;

    /// <summary>Makes the folder where it is missing, and closes it to all but its user.</summary>
    public TrainingImageFiles(string folder)
    {
        _folder = Path.Combine(Path.GetFullPath(folder), ImageFolder);
        PrivateFolder.Open(_folder);
        IndexPath = Path.Combine(Path.GetFullPath(folder), "index.jsonl");
    }

    public string IndexPath { get; }

    /// <summary>The file of an image. A folder holds a 256th of them.</summary>
    public string PathOf(string blob)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(blob)));
        return Path.Combine(_folder, hash[..2], ImageFiles.IsNamedSo(blob) ? hash + Path.GetExtension(blob).ToLowerInvariant() : hash);
    }

    /// <summary>Whether a file is there as it was written.</summary>
    public static async Task<bool> IsIntactAsync(string path, IndexedImage written, CancellationToken cancellation)
    {
        var info = new FileInfo(path);
        if (!info.Exists || info.Length != written.Length)
            return false;
        await using FileStream file = info.OpenRead();
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation).ConfigureAwait(false)) == written.Sha256;
    }

    /// <summary>Deletes all other files, what an interrupted download left among them.</summary>
    public void DeleteOthers(IEnumerable<string> paths)
    {
        var kept = paths.ToHashSet(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Where(file => !kept.Contains(file)))
            File.Delete(file);
    }
}
