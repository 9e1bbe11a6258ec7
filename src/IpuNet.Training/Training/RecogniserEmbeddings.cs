using IpuNet.Faces.Imaging;
using IpuNet.Training.Data;
using IpuNet.Training.Losses;
using IpuNet.Training.Torch;
using static TorchSharp.torch;

namespace IpuNet.Training.Training;

/// <summary>Embeds faces with a frozen recogniser, and keeps the embeddings of training faces on disk.</summary>
internal static class RecogniserEmbeddings
{
    private const int Batch = 32;

    /// <summary>Embeds faces as the served model does.</summary>
    /// <returns>Unit vectors, [N][D].</returns>
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

    /// <summary>
    /// The embeddings of training faces. The embedding of a face is the mean of those of the face and its mirror image. They come from a
    /// cache file, or are computed and written to it.
    /// </summary>
    /// <param name="folder">The folder of the cache files.</param>
    /// <param name="recogniserHash">SHA-256 of the recogniser's model file.</param>
    /// <param name="recogniser">The recogniser.</param>
    /// <param name="faces">The faces.</param>
    /// <param name="progress">Gets the number of embedded faces. Gets nothing if there is a cache file.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>Unit vectors, [N][D].</returns>
    public static float[][] Cached(
        string folder, string recogniserHash, FrozenRecogniser recogniser, AlignedFaces faces, IProgress<int>? progress,
        CancellationToken cancellation)
    {
        // The embeddings of a face and its mirror image differ a little. Their mean is a steadier target.
        return FaceCache.Rows(folder, "embeddings", recogniserHash, faces.Faces, () => Embed(
            faces.Count, i => faces[i], x => nn.functional.normalize(recogniser.Embed(x) + recogniser.Embed(x.flip(3)), p: 2, dim: 1),
            progress, cancellation));
    }
}
