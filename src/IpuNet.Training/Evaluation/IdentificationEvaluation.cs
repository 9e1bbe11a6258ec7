using IpuNet.Contract;
using IpuNet.Training.Degradation;
using IpuNet.Training.Evaluation.Metrics;
using IpuNet.Training.Evaluation.Protocols;

namespace IpuNet.Training.Evaluation;

/// <summary>Options of an identification evaluation.</summary>
public sealed record IdentificationOptions
{
    /// <summary>The sizes of the probes.</summary>
    /// <value>Default: 8, 12, 16, 24 and 32 px, square.</value>
    public IReadOnlyList<FaceSize> Sizes { get; init; } = new PairsOptions().Sizes;

    /// <summary>Whether to measure the original probes as well.</summary>
    /// <value>Default true.</value>
    public bool HighResolution { get; init; } = true;

    /// <summary>The false positive identification rates (FPIR) to measure at, 0 to 1.</summary>
    /// <value>Default: 1 % and 10 %.</value>
    public IReadOnlyList<double> Fpirs { get; init; } = [0.01, 0.1];

    /// <summary>Highest rank of the cumulative match characteristic.</summary>
    /// <value>Default 20.</value>
    public int Ranks { get; init; } = 20;
}

/// <summary>Measures how well low-resolution probes are identified in a gallery of original faces.</summary>
/// <param name="pipeline">The models under evaluation.</param>
/// <param name="alignment">Turns the images into aligned faces.</param>
public sealed class IdentificationEvaluation(FacePipeline pipeline, EvaluationAlignment alignment)
{
    /// <summary>Runs the evaluation.</summary>
    /// <param name="protocol">Gallery and probes.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="progress">Gets the progress after each batch of faces.</param>
    /// <param name="cancellation">Cancels the operation between batches.</param>
    /// <exception cref="FaceDataException">An image cannot be read.</exception>
    public IdentificationReport Run(
        IdentificationProtocol protocol, IdentificationOptions? options = null,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        options ??= new();
        ProbeCondition[] conditions = [.. ProbeCondition.Of(options.Sizes, options.HighResolution, pipeline.Enhance is not null)];
        var run = new EmbeddingRun(pipeline, alignment);
        foreach (string image in protocol.Gallery)
            run.Add(image, ProbeCondition.Gallery);
        foreach (string image in protocol.Mated.Select(probe => probe.Image).Concat(protocol.NonMated))
        {
            foreach (var condition in conditions)
                run.Add(image, condition);
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
        float[][] others = embeddings.Scores([.. protocol.NonMated.Select(image => (image, condition))], protocol.Gallery);
        float[] strangers = [.. others.Select(row => row.Max())];
        int ranks = Math.Min(options.Ranks, protocol.Gallery.Count);
        return new()
        {
            Probe = condition.Probe,
            Enhanced = condition.Enhanced,
            Rank1 = Measure.Share(Identification.WithinRank(searches, 1), searches.Length),
            Rank5 = Measure.Share(Identification.WithinRank(searches, 5), searches.Length),
            Cmc = [.. Enumerable.Range(1, ranks).Select(rank => (double)Identification.WithinRank(searches, rank) / searches.Length)],
            DirAtFpir = strangers.Length == 0 ? [] : [.. options.Fpirs.Select(fpir => At(searches, strangers, fpir))],
        };
    }

    private static DirAtFpir At(MatedSearch[] searches, float[] strangers, double fpir)
    {
        var point = Identification.DirAtFpir(searches, strangers, fpir);
        return new(fpir, Measure.Share(point.Detected, point.Mated), point.Threshold, FarThreshold.IsMeasurable(strangers.Length, fpir));
    }
}

/// <summary>Identification of low-resolution probes in a gallery of original faces, per size, without and with SR.</summary>
public sealed record IdentificationReport : MeasuredReport
{
    /// <summary>Number of enrolled subjects, one image each.</summary>
    public required int GallerySubjects { get; init; }

    /// <summary>Number of probes whose subject is enrolled.</summary>
    public required int MatedProbes { get; init; }

    /// <summary>Number of probes whose subject is not enrolled.</summary>
    public required int NonMatedProbes { get; init; }

    /// <summary>One row for each condition.</summary>
    public required IReadOnlyList<IdentificationRow> Rows { get; init; }
}

/// <summary>The figures of one condition.</summary>
public sealed record IdentificationRow
{
    /// <summary>The probe's size, height x width in pixels, or "HR".</summary>
    public required string Probe { get; init; }

    /// <summary>True with SR, false with bicubic enlargement.</summary>
    public required bool Enhanced { get; init; }

    /// <summary>The share of mated probes for which their own subject scores highest.</summary>
    public required Measure Rank1 { get; init; }

    /// <summary>The share of mated probes for which their own subject is among the five that score highest.</summary>
    public required Measure Rank5 { get; init; }

    /// <summary>
    /// The cumulative match characteristic: for each rank from 1 on, the share of mated probes that find their subject within it.
    /// </summary>
    public required IReadOnlyList<double> Cmc { get; init; }

    /// <summary>The detection-and-identification rate at each FPIR; empty if every probe has a subject.</summary>
    public required IReadOnlyList<DirAtFpir> DirAtFpir { get; init; }
}

/// <summary>A detection-and-identification rate.</summary>
/// <param name="Fpir">The FPIR, 0 to 1: the share of probes without a subject that may get a name.</param>
/// <param name="Dir">The share of probes with a subject that get the right name.</param>
/// <param name="Threshold">The score from which a probe gets a name.</param>
/// <param name="Measurable">False if there are too few probes without a subject for even one false name at the FPIR.</param>
public sealed record DirAtFpir(double Fpir, Measure Dir, float Threshold, bool Measurable);
