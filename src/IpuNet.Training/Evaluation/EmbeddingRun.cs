using System.Runtime.ExceptionServices;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;

namespace IpuNet.Training.Evaluation;

/// <summary>
/// Embeds the images of an evaluation under its conditions. It decodes each image once, embeds each face once for each of its conditions,
/// and keeps the embeddings only.
/// </summary>
/// <param name="pipeline">The models under evaluation.</param>
/// <param name="alignment">Turns images into aligned faces.</param>
public sealed class EmbeddingRun(FacePipeline pipeline, EvaluationAlignment alignment)
{
    private readonly Dictionary<string, HashSet<ProbeCondition>> _wanted = new(StringComparer.Ordinal);

    /// <summary>Whether to measure the PSNR and SSIM of the probes.</summary>
    public bool MeasuresQuality { get; init; }

    /// <summary>Adds an image under a condition. Adding it again changes nothing.</summary>
    public void Add(string image, ProbeCondition condition)
    {
        if (!_wanted.TryGetValue(image, out var conditions))
            _wanted[image] = conditions = [];
        conditions.Add(condition);
    }

    /// <summary>Embeds all images that were added.</summary>
    /// <param name="progress">Gets the progress after each batch of faces.</param>
    /// <param name="cancellation">Cancels the operation between batches.</param>
    /// <exception cref="FaceDataException">An image cannot be read.</exception>
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
                .SelectMany(
                    pair => pair.Second is { } face ? pair.First.Value.Select(condition => new Probe(pair.First.Key, condition, face)) : [])
                .OrderBy(probe => probe.Condition.Enhanced);
            foreach (var batch in probes.Chunk(pipeline.BatchSize))
            {
                cancellation.ThrowIfCancellationRequested();
                Embed(batch, embeddings);
                progress?.Report(new(done += batch.Length, total));
            }

            // Images without a face count as done.
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
            // The message of the first error is for the user.
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
        : throw new InvalidOperationException("The run has enhanced probes, but the pipeline has no enhancer.");

    private static void MeasureQuality(Probe[] probes, RgbImage[] treated, FaceEmbeddings embeddings)
    {
        // A gallery face is the reference, so there is nothing to compare it with.
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
