using System.Numerics.Tensors;
using IpuNet.Faces.Imaging;
using IpuNet.Training.Data;
using IpuNet.Training.Degradation;
using IpuNet.Training.Evaluation.Metrics;
using IpuNet.Training.Experiments;
using IpuNet.Training.Losses;

namespace IpuNet.Training.Training;

/// <summary>
/// The people for validation, who are not in the training: a probe and a gallery image of each, and the frozen recogniser's embeddings of
/// both.
/// </summary>
internal sealed class ValidationFaces
{
    private const int ImpostorsEach = 3;

    private readonly Dictionary<int, (double Accuracy, double Psnr)> _bicubic = [];

    public ValidationFaces(ValidationOptions options, FaceSplit split, FrozenRecogniser recogniser)
    {
        Options = options;
        Recogniser = recogniser;
        Probes = [.. split.Validation.Select(p => p.Probe.Load())];
        Gallery = [.. split.Validation.Select(p => p.Gallery.Load())];
        ProbeEmbeddings = RecogniserEmbeddings.Embed(recogniser, Probes);
        GalleryEmbeddings = RecogniserEmbeddings.Embed(recogniser, Gallery);
        foreach (int size in options.Sizes)
        {
            RgbImage[] inputs = Inputs(size);
            _bicubic[size] = (Accuracy(RecogniserEmbeddings.Embed(recogniser, inputs), GalleryEmbeddings), Psnr(inputs));
        }
    }

    public ValidationOptions Options { get; }

    public FrozenRecogniser Recogniser { get; }

    /// <summary>One original face of each person, [128, 128, 3].</summary>
    public IReadOnlyList<RgbImage> Probes { get; }

    /// <summary>Another original face of each person, [128, 128, 3].</summary>
    public IReadOnlyList<RgbImage> Gallery { get; }

    /// <summary>The frozen recogniser's embeddings of the original probes.</summary>
    public float[][] ProbeEmbeddings { get; }

    /// <summary>The frozen recogniser's embeddings of the gallery images.</summary>
    public float[][] GalleryEmbeddings { get; }

    /// <summary>The probes made small to a square of a size in pixels, and enlarged bicubically to 128 x 128 px.</summary>
    public RgbImage[] Inputs(int size) =>
        [.. Probes.Select(p => LowResolution.ToInput(LowResolution.Make(p, new FaceSize(size, size))))];

    /// <summary>The mean PSNR of enlarged or super-resolved probes against the originals, dB.</summary>
    public double Psnr(IReadOnlyList<RgbImage> pictures) => pictures.Zip(Probes, ImageQuality.Psnr).Average();

    /// <summary>The result at a size: the figures of a network, beside those of bicubic probes with the frozen recogniser.</summary>
    /// <param name="size">Side of the probes in pixels.</param>
    /// <param name="probes">Embeddings of the probes.</param>
    /// <param name="gallery">Embeddings of the gallery images, by the same recogniser.</param>
    /// <param name="psnr">PSNR of the super-resolved probes, dB; null if the network draws nothing.</param>
    public ValidationRow Row(int size, float[][] probes, float[][] gallery, double? psnr)
    {
        const string share = "0.000", decibel = "0.00";
        var (accuracy, bicubicPsnr) = _bicubic[size];
        ValidationMeasure[] pictures = psnr is { } quality
            ? [new(ValidationRow.PsnrName, quality, decibel, "psnr"), new("PSNR bicubic", bicubicPsnr, decibel)]
            : [];
        return new ValidationRow(size,
        [
            new(ValidationRow.AccuracyName, Accuracy(probes, gallery), share, "accuracy"),
            new(psnr is null ? ValidationRow.TeacherName : ValidationRow.BicubicName, accuracy, share),
            .. pictures,
            new("Cosine", probes.Zip(ProbeEmbeddings, (a, b) => (double)TensorPrimitives.Dot<float>(a, b)).Average(), "0.0000", "cosine"),
        ]);
    }

    // A probe and the gallery image of its person are a genuine pair. A probe and the gallery images of the next few people are impostor
    // pairs. Both kinds weigh the same.
    private static double Accuracy(float[][] probes, float[][] gallery)
    {
        int n = probes.Length;
        float[] genuine = [.. Enumerable.Range(0, n).Select(i => TensorPrimitives.Dot<float>(probes[i], gallery[i]))];
        float[] impostor = [
            .. Enumerable.Range(0, n).SelectMany(
                i => Enumerable.Range(1, Math.Min(ImpostorsEach, n - 1)),
                (i, d) => TensorPrimitives.Dot<float>(probes[i], gallery[(i + d) % n]))];
        return RocCurve.From(genuine, impostor).Corners().Max(c => (c.Tar + 1 - c.Far) / 2);
    }
}
