using IpuNet.Faces.Enhancement;
using IpuNet.Faces.Models;
using IpuNet.Faces.Recognition;
using IpuNet.Training.Evaluation;

namespace IpuNet.Trainer.Evaluate;

/// <summary>The models that are evaluated.</summary>
internal sealed record EvaluatedModels(FaceEmbedder Embedder, FaceEnhancer? Enhancer) : IDisposable
{
    private const string None = "none";

    /// <summary>What has the policy: the enhancer's manifest, or without one the recogniser's.</summary>
    public ModelManifest PolicyManifest => Enhancer?.Manifest ?? Embedder.Manifest;

    public FacePipeline Pipeline => new(Embedder.Id, Embedder.Embed, Enhancer?.Id, Enhancer is null ? null : Enhancer.Enhance);

    /// <param name="store">Where the models are.</param>
    /// <param name="settings">How they are run.</param>
    /// <param name="enhancer">Id of the enhancer, or "none"; null for the one in use, if there is one.</param>
    public static EvaluatedModels Open(ModelStore store, InferenceSettings settings, string? enhancer)
    {
        FaceEmbedder embedder = FaceEmbedder.Open(store, settings);
        try
        {
            string? id = enhancer ?? store.Current.Enhancer;
            return new EvaluatedModels(embedder, id is null or None ? null : FaceEnhancer.Open(store.Find(id), settings));
        }
        catch
        {
            embedder.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Enhancer?.Dispose();
        Embedder.Dispose();
    }
}
