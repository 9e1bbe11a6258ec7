using System.Numerics.Tensors;

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

/// <summary>Progress of an evaluation.</summary>
/// <param name="Done">Number of embedded faces.</param>
/// <param name="Total">Number of all faces.</param>
public readonly record struct EvaluationProgress(int Done, int Total);
