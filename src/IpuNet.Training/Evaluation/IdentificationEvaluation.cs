using IpuNet.Training.Degradation;
using IpuNet.Training.Evaluation.Metrics;
using IpuNet.Training.Evaluation.Protocols;

namespace IpuNet.Training.Evaluation;

/// <summary>What an identification experiment measures.</summary>
public sealed record IdentificationOptions
{
    /// <summary>The sizes that probes are brought down to.</summary>
    /// <value>8, 12, 16, 24 and 32 px, square, by default.</value>
    public IReadOnlyList<FaceSize> Sizes { get; init; } = new PairsOptions().Sizes;

    /// <summary>Whether probes are also left as they are.</summary>
    /// <value>True by default.</value>
    public bool HighResolution { get; init; } = true;

    /// <summary>The false-alarm rates of the open set.</summary>
    /// <value>1 % and 10 % by default.</value>
    public IReadOnlyList<double> FalseAlarmRates { get; init; } = [0.01, 0.1];

    /// <summary>How far the cumulative match characteristic goes.</summary>
    /// <value>20 by default.</value>
    public int Ranks { get; init; } = 20;
}

/// <summary>Identification across resolutions: probes are brought down to a size, the gallery stays as it is.</summary>
/// <param name="pipeline">What is evaluated.</param>
/// <param name="alignment">How the set's images become aligned faces.</param>
public sealed class IdentificationEvaluation(FacePipeline pipeline, EvaluationAlignment alignment)
{
    /// <summary>Runs the experiment.</summary>
    /// <param name="protocol">Gallery and probes.</param>
    /// <param name="options">What to measure; null for the defaults.</param>
    /// <param name="progress">Is told after each batch of faces.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="Faces.FaceDataException">An image cannot be read.</exception>
    public IdentificationReport Run(
        IdentificationProtocol protocol, IdentificationOptions? options = null,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        options ??= new();
        ProbeCondition[] conditions = [.. ProbeCondition.Of(options.Sizes, options.HighResolution, pipeline.Enhance is not null)];
        var run = new EmbeddingRun(pipeline, alignment);
        foreach (string image in protocol.Gallery)
            run.Want(image, ProbeCondition.Gallery);
        foreach (string image in protocol.Mated.Select(probe => probe.Image).Concat(protocol.NonMated))
        {
            foreach (var condition in conditions)
                run.Want(image, condition);
        }

        var embeddings = run.Run(progress, cancellation);
        return new()
        {
            Protocol = protocol.Name,
            Recogniser = pipeline.Recogniser,
            Enhancer = pipeline.Enhancer,
            Alignment = alignment.Id,
            GallerySubjects = protocol.Gallery.Count,
            MatedProbes = protocol.Mated.Count,
            NonMatedProbes = protocol.NonMated.Count,
            ImagesWithoutFace = embeddings.WithoutFace,
            Rows = [.. conditions.Select(condition => Row(protocol, condition, embeddings, options))],
        };
    }

    private static IdentificationRow Row(
        IdentificationProtocol protocol, ProbeCondition condition, FaceEmbeddings embeddings, IdentificationOptions options)
    {
        float[][] scores = embeddings.Scores([.. protocol.Mated.Select(probe => (probe.Image, condition))], protocol.Gallery);
        MatedSearch[] searches = [.. scores.Zip(protocol.Mated, (row, probe) => Identification.Search(row, probe.Subject))];
        float[] strangers = [.. embeddings.Scores([.. protocol.NonMated.Select(image => (image, condition))], protocol.Gallery).Select(row => row.Max())];
        int ranks = Math.Min(options.Ranks, protocol.Gallery.Count);
        return new()
        {
            Probe = condition.Probe,
            Enhanced = condition.Enhanced,
            Rank1 = Measure.Share(Identification.WithinRank(searches, 1), searches.Length),
            Rank5 = Measure.Share(Identification.WithinRank(searches, 5), searches.Length),
            Cmc = [.. Enumerable.Range(1, ranks).Select(rank => (double)Identification.WithinRank(searches, rank) / searches.Length)],
            DirAtFar = strangers.Length == 0 ? [] : [.. options.FalseAlarmRates.Select(far => At(searches, strangers, far))],
        };
    }

    private static DirAtFar At(MatedSearch[] searches, float[] strangers, double far)
    {
        var point = Identification.DirAtFar(searches, strangers, far);
        return new(far, Measure.Share(point.Detected, point.Mated), point.Threshold, FarThreshold.IsMeasurable(strangers.Length, far));
    }
}
