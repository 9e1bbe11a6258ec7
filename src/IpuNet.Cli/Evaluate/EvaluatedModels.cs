using IpuNet.Faces.Enhancement;
using IpuNet.Faces.Models;
using IpuNet.Faces.Recognition;
using IpuNet.Training.Evaluation;

namespace IpuNet.Cli.Evaluate;

/// <summary>The models that are evaluated.</summary>
internal sealed record EvaluatedModels(FaceEmbedder Embedder, FaceEnhancer? Enhancer) : IDisposable
{
    private const string None = "none";

    public FacePipeline Pipeline => new(Embedder.Id, Embedder.Embed, Enhancer?.Id, Enhancer is null ? null : Enhancer.Enhance);

    /// <param name="store">Where the models are.</param>
    /// <param name="settings">How they are run.</param>
    /// <param name="enhancer">Id of the enhancer, or "none"; null for the one in use, if there is one.</param>
    /// <param name="recogniser">Id of the recogniser; null for the one in use.</param>
    public static EvaluatedModels Open(ModelStore store, InferenceSettings settings, string? enhancer, string? recogniser)
    {
        FaceEmbedder embedder = recogniser is null ? FaceEmbedder.Open(store, settings) : FaceEmbedder.Open(store.Find(recogniser), settings);
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
