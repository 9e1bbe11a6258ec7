using System.Globalization;
using System.Numerics.Tensors;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Training.Degradation;

namespace IpuNet.Training.Evaluation;

/// <summary>Similarity of an enlarged or super-resolved probe and its original.</summary>
/// <param name="Psnr">Peak signal-to-noise ratio over RGB, dB; infinite if both are equal.</param>
/// <param name="Ssim">Structural similarity of luma, at most 1.</param>
public readonly record struct PictureQuality(double Psnr, double Ssim);

/// <summary>The embeddings of an evaluation, by image and condition.</summary>
public sealed class FaceEmbeddings
{
    // The score of a pair if an image shows no face: the lowest possible cosine.
    private const float NoFaceScore = -1;

    private readonly Dictionary<(string Image, ProbeCondition Condition), float[]> _vectors = [];
    private readonly Dictionary<(string Image, ProbeCondition Condition), PictureQuality> _quality = [];

    /// <summary>Number of images without a face.</summary>
    public int WithoutFace { get; internal set; }

    /// <summary>The embedding of an image, a unit vector; null if the image shows no face.</summary>
    public float[]? Find(string image, ProbeCondition condition) => _vectors.GetValueOrDefault((image, condition));

    /// <summary>Cosine similarity of a probe and a gallery image; -1 if one of them shows no face.</summary>
    public float Score(string probe, ProbeCondition condition, string gallery) =>
        Score(Find(probe, condition), Find(gallery, ProbeCondition.Gallery));

    /// <summary>
    /// Cosine similarity of each probe and each gallery image, [probes][gallery]; -1 if one of the two shows no face.
    /// </summary>
    public float[][] Scores(IReadOnlyList<(string Image, ProbeCondition Condition)> probes, IReadOnlyList<string> gallery)
    {
        ArgumentNullException.ThrowIfNull(probes);
        ArgumentNullException.ThrowIfNull(gallery);
        float[]?[] enrolled = [.. gallery.Select(image => Find(image, ProbeCondition.Gallery))];
        return [.. probes.AsParallel().AsOrdered().Select(probe =>
        {
            float[]? vector = Find(probe.Image, probe.Condition);
            return enrolled.Select(subject => Score(vector, subject)).ToArray();
        })];
    }

    /// <summary>The mean quality of all probes of a condition; null if it was not measured.</summary>
    public PictureQuality? MeanQuality(ProbeCondition condition)
    {
        PictureQuality[] all = [.. _quality.Where(q => q.Key.Condition == condition).Select(q => q.Value)];
        return all.Length == 0 ? null : new(all.Average(q => q.Psnr), all.Average(q => q.Ssim));
    }

    private static float Score(float[]? probe, float[]? gallery) =>
        probe is null || gallery is null ? NoFaceScore : TensorPrimitives.Dot<float>(probe, gallery);

    internal void Add(string image, ProbeCondition condition, float[] vector) => _vectors[(image, condition)] = vector;

    internal void Add(string image, ProbeCondition condition, PictureQuality quality) => _quality[(image, condition)] = quality;
}

/// <summary>The models under evaluation: a recogniser, and optionally an enhancer.</summary>
/// <param name="Recogniser">Id of the recogniser.</param>
/// <param name="Embed">Turns aligned faces [128, 128, 3] into unit vectors.</param>
/// <param name="Enhancer">Id of the enhancer; null without one.</param>
/// <param name="Enhance">Turns faces of any size into super-resolved faces [128, 128, 3]; null without an enhancer.</param>
public sealed record FacePipeline(
    string Recogniser,
    Func<IReadOnlyList<RgbImage>, float[][]> Embed,
    string? Enhancer = null,
    Func<IReadOnlyList<RgbImage>, IReadOnlyList<RgbImage>>? Enhance = null)
{
    /// <summary>Maximum number of faces in a batch.</summary>
    /// <value>Default 32.</value>
    public int BatchSize { get; init; } = 32;
}

/// <summary>How a probe is made from an aligned face.</summary>
/// <param name="Size">The size of the low-resolution face; null for the original (HR).</param>
/// <param name="Enhanced">True for super-resolution, false for bicubic enlargement.</param>
public readonly record struct ProbeCondition(FaceSize? Size, bool Enhanced)
{
    /// <summary>The original face, as in a gallery.</summary>
    public static ProbeCondition Gallery => default;

    /// <summary>The size in reports: "16x16" (height, width), or "HR".</summary>
    public string Probe => Size?.ToString() ?? "HR";

    /// <summary>The conditions of all sizes: each without SR, and with SR too if there is an enhancer.</summary>
    internal static IEnumerable<ProbeCondition> Of(IEnumerable<FaceSize> sizes, bool highResolution, bool enhancer)
    {
        FaceSize?[] all = [.. sizes, .. highResolution ? [null] : Array.Empty<FaceSize?>()];
        return all.SelectMany(size => enhancer ? [new(size, false), new(size, true)] : new ProbeCondition[] { new(size, false) });
    }

    /// <inheritdoc/>
    public override string ToString() => Enhanced ? $"{Probe} SR" : Probe;
}

/// <summary>Turns the images of an evaluation set into aligned faces.</summary>
/// <param name="Id">Name in reports.</param>
/// <param name="Align">
/// Turns an image into its aligned face [128, 128, 3], or null if it finds no face. Every comparison with an image without a face
/// scores -1.
/// </param>
public sealed record EvaluationAlignment(string Id, Func<RgbImage, RgbImage?> Align)
{
    /// <summary>Takes the same square of each image, for sets with aligned images. Published figures on LFW use this.</summary>
    /// <param name="crop">The square; null for the whole image.</param>
    public static EvaluationAlignment Fixed(FixedCrop? crop) => new(
        crop is null ? "whole-image" : string.Create(CultureInfo.InvariantCulture, $"fixed-crop({crop.X},{crop.Y},{crop.Side})"),
        image => FixedCrop.Apply(image, crop, FaceAligner.Size));

    internal RgbImage? Load(string path) => DecodedMemory.Use(path, Align);
}

/// <summary>Progress of an evaluation.</summary>
/// <param name="Done">Number of embedded faces.</param>
/// <param name="Total">Number of all faces.</param>
public readonly record struct EvaluationProgress(int Done, int Total);
