using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using IpuNet.Contract;
using IpuNet.Training.Checkpoints;

namespace IpuNet.Training.Data;

/// <summary>Keeps numbers of training images on disk, a row for each image, because computing them takes minutes.</summary>
internal static class FaceCache
{
    /// <summary>The rows of some images, from a cache file if there is one. Otherwise they are computed and written to it.</summary>
    /// <param name="folder">The folder of the cache files.</param>
    /// <param name="what">Name of the rows, such as "embeddings".</param>
    /// <param name="maker">What makes the rows: an id or a hash of a model.</param>
    /// <param name="faces">The images.</param>
    /// <param name="compute">Computes the rows, all of one length.</param>
    public static float[][] Rows(string folder, string what, string maker, IReadOnlyList<TrainingFace> faces, Func<float[][]> compute)
    {
        string path = Path.Combine(folder, $"{what}-{Key(maker, faces)}.safetensors");
        if (File.Exists(path))
        {
            try
            {
                var (_, tensors) = SafeTensors.Read(path);
                var (shape, values) = tensors[what];
                int length = (int)shape[1];
                return [.. Enumerable.Range(0, (int)shape[0]).Select(i => values[(i * length)..((i + 1) * length)])];
            }
            catch (FaceDataException)
            {
                // A damaged cache file is no error, because the rows can be computed again.
                File.Delete(path);
            }
        }
        float[][] rows = compute();
        SafeTensors.Write(
            path, new Dictionary<string, string>(), [(what, [rows.Length, rows[0].Length], [.. rows.SelectMany(row => row)])]);
        return rows;
    }

    // The names, sizes and times of the files stand for their content. To read a gigabyte in order to save a minute would not pay.
    private static string Key(string maker, IReadOnlyList<TrainingFace> faces)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(maker));
        foreach (var face in faces)
        {
            var file = new FileInfo(face.Path);
            hash.AppendData(Encoding.UTF8.GetBytes($"{face.Path}|{face.Crop}|"));
            hash.AppendData(MemoryMarshal.AsBytes<long>([file.Length, file.LastWriteTimeUtc.Ticks]));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
