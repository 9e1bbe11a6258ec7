using System.Runtime.ExceptionServices;
using IpuNet.Faces.Imaging;

namespace IpuNet.Training.Evaluation;

/// <summary>
/// Embeds the images of an evaluation under each condition that it asks for. Every image is decoded once and every face
/// embedded once; only embeddings are kept.
/// </summary>
/// <param name="pipeline">What is evaluated.</param>
/// <param name="alignment">How images become aligned faces.</param>
public sealed class EmbeddingRun(FacePipeline pipeline, EvaluationAlignment alignment)
{
    private readonly Dictionary<string, HashSet<ProbeCondition>> _wanted = new(StringComparer.Ordinal);

    /// <summary>Whether PSNR and SSIM of the treated probes are measured as well.</summary>
    public bool MeasuresQuality { get; init; }

    /// <summary>Asks for an image under a condition; asking twice is asking once.</summary>
    public void Want(string image, ProbeCondition condition)
    {
        if (!_wanted.TryGetValue(image, out var conditions))
            _wanted[image] = conditions = [];
        conditions.Add(condition);
    }

    /// <summary>Embeds everything that was asked for.</summary>
    /// <param name="progress">Is told after each batch.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="Faces.FaceDataException">An image cannot be read.</exception>
    public FaceEmbeddings Run(IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        var embeddings = new FaceEmbeddings();
        int total = _wanted.Values.Sum(conditions => conditions.Count), done = 0;
        foreach (var images in _wanted.Chunk(pipeline.BatchSize))
        {
            cancellation.ThrowIfCancellationRequested();
            RgbImage?[] faces = Load([.. images.Select(image => image.Key)]);
            embeddings.WithoutFace += faces.Count(face => face is null);
            var probes = images.Zip(faces)
                .SelectMany(pair => pair.Second is { } face ? pair.First.Value.Select(condition => new Probe(pair.First.Key, condition, face)) : [])
                .OrderBy(probe => probe.Condition.Enhanced);
            foreach (var batch in probes.Chunk(pipeline.BatchSize))
            {
                cancellation.ThrowIfCancellationRequested();
                Embed(batch, embeddings);
                progress?.Report(new(done += batch.Length, total));
            }

            // Faces that were not found are done as well.
            done += images.Zip(faces).Where(pair => pair.Second is null).Sum(pair => pair.First.Value.Count);
        }

        progress?.Report(new(done, total));
        return embeddings;
    }

    private RgbImage?[] Load(string[] images)
    {
        var faces = new RgbImage?[images.Length];
        try
        {
            Parallel.For(0, images.Length, i => faces[i] = alignment.Load(images[i]));
        }
        catch (AggregateException error)
        {
            // The first of them, as it is: its message is for the user.
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }

        return faces;
    }

    private void Embed(Probe[] probes, FaceEmbeddings embeddings)
    {
        var treated = new RgbImage[probes.Length];
        int[] enhanced = [.. Enumerable.Range(0, probes.Length).Where(i => probes[i].Condition.Enhanced)];
        if (enhanced.Length > 0)
        {
            var results = Enhance([.. enhanced.Select(i => probes[i].LowResolution())]);
            for (int i = 0; i < enhanced.Length; i++)
                treated[enhanced[i]] = results[i];
        }

        for (int i = 0; i < probes.Length; i++)
            treated[i] ??= probes[i].Enlarged();
        float[][] vectors = pipeline.Embed(treated);
        for (int i = 0; i < probes.Length; i++)
            embeddings.Add(probes[i].Image, probes[i].Condition, vectors[i]);
        if (MeasuresQuality)
            MeasureQuality(probes, treated, embeddings);
    }

    private IReadOnlyList<RgbImage> Enhance(RgbImage[] faces) => pipeline.Enhance is { } enhance
        ? enhance(faces)
        : throw new InvalidOperationException("Enhanced probes were asked for, but the pipeline has no enhancer.");

    private static void MeasureQuality(Probe[] probes, RgbImage[] treated, FaceEmbeddings embeddings)
    {
        // A gallery face is the reference itself.
        int[] changed = [.. Enumerable.Range(0, probes.Length).Where(i => probes[i].Condition != ProbeCondition.Gallery)];
        var quality = changed.AsParallel().AsOrdered()
            .Select(i => new PictureQuality(ImageQuality.Psnr(treated[i], probes[i].Face), ImageQuality.Ssim(treated[i], probes[i].Face)))
            .ToArray();
        for (int i = 0; i < changed.Length; i++)
            embeddings.Add(probes[changed[i]].Image, probes[changed[i]].Condition, quality[i]);
    }

    private sealed record Probe(string Image, ProbeCondition Condition, RgbImage Face)
    {
        public RgbImage LowResolution() => Condition.Size is { } size ? Degradation.LowResolution.Make(Face, size) : Face;

        public RgbImage Enlarged() => Condition.Size is null ? Face : Degradation.LowResolution.ToInput(LowResolution());
    }
}
