using IpuNet.Faces.Detection;
using IpuNet.Faces.Enhancement;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Recognition;
using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Faces.Pipeline;

/// <summary>The models that a pipeline runs.</summary>
public sealed class PipelineModels : IDisposable
{
    private PipelineModels(FaceDetector detector, FaceEnhancer? enhancer, FaceEmbedder? embedder) =>
        (Detector, Enhancer, Embedder) = (detector, enhancer, embedder);

    /// <summary>
    /// Which bands are enhanced, and the thresholds: as measured with the recogniser, or without one with any. It stands in the enhancer's manifest;
    /// without an enhancer, in the recogniser's. Null where nothing was measured.
    /// </summary>
    public RecognitionPolicy? Policy => Embedder is null
        ? Enhancer?.Manifest.Policies is [var first, ..] ? first : null
        : (Enhancer?.Manifest ?? Embedder.Manifest).PolicyFor(Embedder.Id);

    /// <summary>The detector.</summary>
    public FaceDetector Detector { get; }

    /// <summary>The enhancer; null where none is in use.</summary>
    public FaceEnhancer? Enhancer { get; }

    /// <summary>The recogniser; null where it was not asked for.</summary>
    public FaceEmbedder? Embedder { get; }

    /// <summary>What embeddings of this pipeline state as their source.</summary>
    /// <remarks>
    /// It is one for photos and for crops. Whoever cut a crop out is not known; using it says that it has the geometry of an aligned
    /// face, which is what makes embeddings comparable.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The pipeline has no recogniser.</exception>
    public EmbeddingSource Source => Embedder is null
        ? throw new InvalidOperationException("The pipeline was opened without a recogniser.")
        : new EmbeddingSource(Embedder.Id, $"{Detector.Id}+{Embedder.AlignmentId}");

    /// <summary>The ids of all models, for messages.</summary>
    public string Description => string.Join(", ", ((string?[])[Embedder?.Id, Enhancer?.Id, Detector.Id]).OfType<string>());

    /// <summary>Loads the models in use.</summary>
    /// <param name="store">Where they are.</param>
    /// <param name="settings">How they are run.</param>
    /// <param name="recognise">Whether faces are embedded.</param>
    /// <exception cref="FaceDataException">A model is not there or cannot be used, or the device is not there.</exception>
    public static PipelineModels Open(ModelStore store, InferenceSettings settings, bool recognise) => Open(ModelSet.Current(store, recognise), settings);

    /// <summary>Loads models.</summary>
    /// <param name="set">The models.</param>
    /// <param name="settings">How they are run.</param>
    /// <exception cref="FaceDataException">A model cannot be used, or the device is not there.</exception>
    public static PipelineModels Open(ModelSet set, InferenceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(set);
        FaceDetector detector = FaceDetector.Open(set.Detector, set.Landmarks, settings, FaceLocator.DetectorSettings);
        FaceEnhancer? enhancer = null;
        try
        {
            enhancer = set.Enhancer is null ? null : FaceEnhancer.Open(set.Enhancer, settings);
            return new PipelineModels(detector, enhancer, set.Recogniser is null ? null : FaceEmbedder.Open(set.Recogniser, settings));
        }
        catch
        {
            enhancer?.Dispose();
            detector.Dispose();
            throw;
        }
    }

    /// <summary>Runs every model once, so that the first face waits for nothing, and models that cannot run or give no embeddings are found out.</summary>
    /// <exception cref="FaceDataException">A model does not do what models of its kind do.</exception>
    public void Warm()
    {
        var face = new RgbImage(FaceEmbedder.Size, FaceEmbedder.Size);
        new Random(1).NextBytes(face.Pixels);
        try
        {
            _ = Detector.Detect(face);
            IReadOnlyList<RgbImage> pictures = Enhancer?.Enhance([face]) ?? [face];
            if (Embedder is { } embedder)
                UnitVector.Require(embedder.Embed(pictures)[0], $"An embedding that {embedder.Id} makes");
        }
        catch (OnnxRuntimeException error)
        {
            throw new FaceDataException($"A model of {Description} cannot be run: {error.Message}", error);
        }
    }

    /// <summary><see cref="Policy"/>, where scores are to be held against it.</summary>
    /// <exception cref="FaceDataException">There is none, or only one for another recogniser.</exception>
    public RecognitionPolicy RequirePolicy() => (Enhancer?.Manifest ?? Embedder?.Manifest
        ?? throw new InvalidOperationException("The pipeline was opened without a recogniser.")).RequirePolicy(Source.Recogniser);

    /// <inheritdoc/>
    public void Dispose()
    {
        Detector.Dispose();
        Enhancer?.Dispose();
        Embedder?.Dispose();
    }
}
