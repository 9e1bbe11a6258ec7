using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Recognition;
using IpuNet.Faces.Telemetry;

namespace IpuNet.Faces.Enhancement;

/// <summary>
/// Super-resolves faces and embeds the results without copying them: the recogniser reads the enhancer's output. Many threads may share
/// one.
/// </summary>
/// <param name="enhancer">The enhancer. The caller keeps and disposes it.</param>
/// <param name="embedder">The recogniser. The caller keeps and disposes it.</param>
public sealed class FaceEnhancingEmbedder(FaceEnhancer enhancer, FaceEmbedder embedder)
{
    /// <summary>Super-resolves and embeds faces.</summary>
    /// <param name="faces">Aligned faces. Faces that are not 128x128 px are resized bicubically.</param>
    /// <returns>The results of <see cref="FaceEnhancer.Enhance"/>, and their embeddings as from <see cref="FaceEmbedder.Embed"/>.</returns>
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
/// <param name="Pictures">The super-resolved faces, [128, 128, 3] each.</param>
/// <param name="Embeddings">One vector of length 1 for each face.</param>
public sealed record EnhancedFaces(IReadOnlyList<RgbImage> Pictures, IReadOnlyList<float[]> Embeddings);
