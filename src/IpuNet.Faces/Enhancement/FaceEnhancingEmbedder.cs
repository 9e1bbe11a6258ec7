using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Recognition;

namespace IpuNet.Faces.Enhancement;

/// <summary>
/// Super-resolves faces and embeds the pictures in one pass: the recogniser reads them where the enhancer wrote them.
/// Many threads may use one.
/// </summary>
/// <param name="enhancer">The enhancer; it stays the caller's.</param>
/// <param name="embedder">The recogniser; it stays the caller's.</param>
public sealed class FaceEnhancingEmbedder(FaceEnhancer enhancer, FaceEmbedder embedder)
{
    /// <summary>Super-resolves and embeds faces.</summary>
    /// <param name="faces">Aligned faces of any size and number; those that are not 128x128 are resized bicubically.</param>
    /// <returns>What <see cref="FaceEnhancer.Enhance"/> gives, and what <see cref="FaceEmbedder.Embed"/> makes of that.</returns>
    public EnhancedFaces Run(IReadOnlyList<RgbImage> faces)
    {
        ArgumentNullException.ThrowIfNull(faces);
        var pictures = new RgbImage[faces.Count];
        var embeddings = new float[faces.Count][];
        enhancer.Session.Divide(faces.Count, (first, count) =>
        {
            SessionBuffers enhanced;
            using (PipelineStage.Begin(FaceEnhancer.Stage))
                enhanced = enhancer.Session.RunPart(faces, first, count, FaceEnhancer.WriteBicubic);
            FaceEnhancer.Take(enhanced, pictures.AsSpan(first, count));
            embedder.EmbedInPlace(enhanced, TensorNames.Pictures, embeddings.AsSpan(first, count));
            enhancer.Session.Return(enhanced);
        });
        return new EnhancedFaces(pictures, embeddings);
    }
}

/// <summary>Super-resolved faces and their embeddings, in the order of the faces.</summary>
/// <param name="Pictures">128x128 each.</param>
/// <param name="Embeddings">Vectors of length 1.</param>
public sealed record EnhancedFaces(IReadOnlyList<RgbImage> Pictures, IReadOnlyList<float[]> Embeddings);
