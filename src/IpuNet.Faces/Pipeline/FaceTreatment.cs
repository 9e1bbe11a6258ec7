using IpuNet.Faces.Enhancement;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Pipeline;

/// <summary>Super-resolves the faces that gain by it, and embeds all. Many threads may use one.</summary>
internal sealed class FaceTreatment(PipelineModels models)
{
    private readonly FaceEnhancingEmbedder? _both =
        models is { Enhancer: { } enhancer, Embedder: { } embedder } ? new FaceEnhancingEmbedder(enhancer, embedder) : null;

    /// <summary>Treats faces; the results are in their order.</summary>
    public FaceResult[] Apply(IReadOnlyList<LocatedFace> faces, EnhanceChoice choice)
    {
        ILookup<bool, int> indices = Enumerable.Range(0, faces.Count).ToLookup(i => IsEnhanced(faces[i], choice));
        var results = new FaceResult[faces.Count];
        Fill(results, faces, [.. indices[true]], enhance: true);
        Fill(results, faces, [.. indices[false]], enhance: false);
        return results;
    }

    private bool IsEnhanced(LocatedFace face, EnhanceChoice choice) =>
        models.Enhancer is not null
        && face.SourceHeight < FaceEnhancer.Size
        && choice switch
        {
            EnhanceChoice.On => true,
            EnhanceChoice.Auto => models.Policy?.For(face.SourceHeight).Enhance ?? false,
            _ => false,
        };

    private void Fill(FaceResult[] results, IReadOnlyList<LocatedFace> faces, int[] indices, bool enhance)
    {
        if (indices.Length == 0)
            return;
        RgbImage[] aligned = [.. indices.Select(i => faces[i].Aligned)];
        var (pictures, embeddings) = enhance ? Enhance(aligned) : (null, models.Embedder?.Embed(aligned));
        for (int i = 0; i < indices.Length; i++)
        {
            LocatedFace face = faces[indices[i]];
            results[indices[i]] = new FaceResult(face.Box, face.SourceHeight, face.Aligned, pictures?[i], embeddings?[i]);
        }
    }

    private (IReadOnlyList<RgbImage>? Pictures, IReadOnlyList<float[]>? Embeddings) Enhance(RgbImage[] aligned)
    {
        if (_both is null)
            return (models.Enhancer!.Enhance(aligned), null);
        EnhancedFaces enhanced = _both.Run(aligned);
        return (enhanced.Pictures, enhanced.Embeddings);
    }
}
