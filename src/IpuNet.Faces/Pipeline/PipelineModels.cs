using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Detection;
using IpuNet.Faces.Enhancement;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Policies;
using IpuNet.Faces.Recognition;
using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Faces.Pipeline;

/// <summary>The loaded models of a pipeline.</summary>
public sealed class PipelineModels : IDisposable
{
    private PipelineModels(FaceDetector detector, FaceStraightener straightener, FaceEnhancer? enhancer, FaceEmbedder? embedder) =>
        (Detector, Straightener, Enhancer, Embedder) = (detector, straightener, enhancer, embedder);

    /// <summary>
    /// The policy: the bands to enhance, and the thresholds. It comes from the enhancer's manifest, or from the recogniser's if there is no
    /// enhancer. With a recogniser it is the policy for that recogniser, without one the first policy. Null if there is none.
    /// </summary>
    public RecognitionPolicy? Policy => Embedder is null
        ? Enhancer?.Manifest.Policies is [var first, ..] ? first : null
        : (Enhancer?.Manifest ?? Embedder.Manifest).PolicyFor(Embedder.Id);

    /// <summary>The detector.</summary>
    public FaceDetector Detector { get; }

    /// <summary>The aligner.</summary>
    public FaceStraightener Straightener { get; }

    /// <summary>The ids of the detector and the aligner, such as "rfb-320@1+face-aligner@1". Both decide how a face is aligned.</summary>
    public string DetectorId => $"{Detector.Id}+{Straightener.Id}";

    /// <summary>The enhancer; null if none is in use.</summary>
    public FaceEnhancer? Enhancer { get; }

    /// <summary>The recogniser; null if the pipeline was opened without one.</summary>
    public FaceEmbedder? Embedder { get; }

    /// <summary>The source of this pipeline's embeddings: the ids of the recogniser, the detector and the alignment.</summary>
    /// <remarks>
    /// It is the same for photos and crops. Nothing is known about how a crop was made. A crop is taken to have the geometry of an aligned
    /// face, so its embedding can be compared.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The pipeline has no recogniser.</exception>
    public EmbeddingSource Source => Embedder is null
        ? throw new InvalidOperationException("The pipeline was opened without a recogniser.")
        : new EmbeddingSource(Embedder.Id, $"{DetectorId}+{Embedder.AlignmentId}");

    /// <summary>The ids of all models, for error messages.</summary>
    public string Description => string.Join(", ", ((string?[])[Embedder?.Id, Enhancer?.Id, DetectorId]).OfType<string>());

    /// <summary>Loads the models in use.</summary>
    /// <param name="store">The model store.</param>
    /// <param name="settings">The device, threads and batch size.</param>
    /// <param name="recognise">Whether to load the recogniser.</param>
    /// <exception cref="FaceDataException">A model is missing or cannot be used, or the device is missing.</exception>
    public static PipelineModels Open(ModelStore store, InferenceSettings settings, bool recognise) =>
        Open(ModelSet.Current(store, recognise), settings);

    /// <summary>Loads models.</summary>
    /// <param name="set">The models.</param>
    /// <param name="settings">The device, threads and batch size.</param>
    /// <exception cref="FaceDataException">A model cannot be used, or the device is missing.</exception>
    public static PipelineModels Open(ModelSet set, InferenceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(set);
        FaceDetector detector = FaceDetector.Open(set.Detector, settings, FaceLocator.DetectorSettings);
        FaceStraightener? straightener = null;
        FaceEnhancer? enhancer = null;
        try
        {
            straightener = FaceStraightener.Open(set.Aligner, settings);
            enhancer = set.Enhancer is null ? null : FaceEnhancer.Open(set.Enhancer, settings);
            FaceEmbedder? embedder = set.Recogniser is null ? null : FaceEmbedder.Open(set.Recogniser, settings);
            return new PipelineModels(detector, straightener, enhancer, embedder);
        }
        catch
        {
            enhancer?.Dispose();
            straightener?.Dispose();
            detector.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Runs every model once. The first face then is not delayed, and a model that cannot run or makes invalid embeddings shows at once.
    /// </summary>
    /// <exception cref="FaceDataException">A model cannot be run, or the recogniser makes invalid embeddings.</exception>
    public void Warm()
    {
        var face = new RgbImage(FaceAligner.Size, FaceAligner.Size);
        new Random(1).NextBytes(face.Pixels);
        try
        {
            _ = Detector.Detect(face);
            _ = Straightener.StraightenCrops([face]);
            IReadOnlyList<RgbImage> pictures = Enhancer?.Enhance([face]) ?? [face];
            if (Embedder is { } embedder)
                UnitVector.Require(embedder.Embed(pictures)[0], $"An embedding that {embedder.Id} makes");
        }
        catch (OnnxRuntimeException error)
        {
            throw new FaceDataException($"One of the models {Description} cannot be run: {error.Message}", error);
        }
    }

    /// <summary>Whether a face is super-resolved.</summary>
    /// <param name="height">Height of the aligned face's square in the image, in pixels.</param>
    /// <param name="choice">The choice of the options.</param>
    public bool Enhances(float height, EnhanceChoice choice) =>
        Enhancer is not null
        && height < FaceAligner.Size
        && choice switch
        {
            EnhanceChoice.On => true,
            EnhanceChoice.Auto => Policy?.For(height).Enhance ?? false,
            _ => false,
        };

    /// <summary><see cref="Policy"/>, or an error if there is none for the recogniser.</summary>
    /// <exception cref="FaceDataException">There is no policy, or none for this recogniser.</exception>
    public RecognitionPolicy RequirePolicy() => (Enhancer?.Manifest ?? Embedder?.Manifest
        ?? throw new InvalidOperationException("The pipeline was opened without a recogniser.")).RequirePolicy(Source.Recogniser);

    /// <inheritdoc/>
    public void Dispose()
    {
        Detector.Dispose();
        Straightener.Dispose();
        Enhancer?.Dispose();
        Embedder?.Dispose();
    }
}
