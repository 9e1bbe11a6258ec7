using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Training.Checkpoints;
using IpuNet.Training.Data;
using IpuNet.Training.Losses;
using IpuNet.Training.Torch;
using static TorchSharp.torch;

namespace IpuNet.Training.Training;

/// <summary>Embeddings of many faces by a frozen recogniser, computed once and kept on disk.</summary>
internal static class RecogniserEmbeddings
{
    private const int Batch = 32;

    /// <summary>Embeds faces as they are served: unit vectors.</summary>
    public static float[][] Embed(FrozenRecogniser recogniser, IReadOnlyList<RgbImage> faces) =>
        Embed(faces.Count, i => faces[i], recogniser.Embed, progress: null, CancellationToken.None);

    private static float[][] Embed(
        int count, Func<int, RgbImage> face, Func<Tensor, Tensor> embed, IProgress<int>? progress, CancellationToken cancellation)
    {
        var embeddings = new float[count][];
        for (int start = 0; start < count; start += Batch)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            RgbImage[] faces = [.. Enumerable.Range(start, Math.Min(Batch, count - start)).Select(face)];
            float[] values = TensorBytes.ReadFloats(embed(FaceTensors.FromImages(faces)));
            int length = values.Length / faces.Length;
            for (int i = 0; i < faces.Length; i++)
                embeddings[start + i] = values[(i * length)..((i + 1) * length)];
            progress?.Report(start + faces.Length);
        }
        return embeddings;
    }

    /// <summary>Reads the embeddings of training faces from a cache file, or computes them and writes it.</summary>
    /// <param name="folder">The folder of cache files.</param>
    /// <param name="recogniserHash">Says which recogniser it is.</param>
    /// <param name="recogniser">The recogniser.</param>
    /// <param name="faces">The faces.</param>
    /// <param name="progress">Gets the number of embedded faces; nothing if the cache has them.</param>
    /// <param name="cancellation">Stops.</param>
    public static float[][] Cached(
        string folder, string recogniserHash, FrozenRecogniser recogniser, AlignedFaces faces, IProgress<int>? progress,
        CancellationToken cancellation)
    {
        string path = Path.Combine(folder, $"embeddings-{Key(recogniserHash, faces.Faces)}.safetensors");
        if (File.Exists(path))
        {
            try
            {
                var (_, tensors) = SafeTensors.Read(path);
                var (shape, values) = tensors["embeddings"];
                int length = (int)shape[1];
                return [.. Enumerable.Range(0, (int)shape[0]).Select(i => values[(i * length)..((i + 1) * length)])];
            }
            catch (FaceDataException)
            {
                // A cache is never worth an error: it is computed again.
                File.Delete(path);
            }
        }
        // The recogniser sees a face and its mirror image a little differently; their mean is the steadier aim.
        float[][] embeddings = Embed(
            faces.Count, i => faces[i], x => nn.functional.normalize(recogniser.Embed(x) + recogniser.Embed(x.flip(3)), p: 2, dim: 1),
            progress, cancellation);
        SafeTensors.Write(
            path, new Dictionary<string, string>(),
            [("embeddings", [embeddings.Length, embeddings[0].Length], [.. embeddings.SelectMany(e => e)])]);
        return embeddings;
    }

    // Names, sizes and times of the files identify their content. Reading a gigabyte to save a minute would not pay.
    private static string Key(string recogniserHash, IReadOnlyList<TrainingFace> faces)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(recogniserHash));
        foreach (var face in faces)
        {
            var file = new FileInfo(face.Path);
            hash.AppendData(Encoding.UTF8.GetBytes($"{face.Path}|{face.Crop}|"));
            hash.AppendData(MemoryMarshal.AsBytes<long>([file.Length, file.LastWriteTimeUtc.Ticks]));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
