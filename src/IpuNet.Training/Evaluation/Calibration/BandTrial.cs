using IpuNet.Faces.Alignment;
using IpuNet.Faces.Policies;
using IpuNet.Training.Degradation;
using IpuNet.Training.Evaluation.Metrics;
using IpuNet.Training.Evaluation.Protocols;

namespace IpuNet.Training.Evaluation.Calibration;

/// <summary>
/// The probes of a set in the sizes of one band. Each probe becomes a square. Its side is drawn uniformly from the heights of the band.
/// </summary>
internal sealed class BandTrial
{
    // A smaller face shows nothing. The smallest size in the paper is 7x6.
    private const int SmallestFace = 6;

    private readonly IdentificationProtocol _protocol;
    private readonly FaceSize[] _sizes;

    private BandTrial(ResolutionBand band, IdentificationProtocol protocol, Random random)
    {
        Band = band;
        MinHeight = Math.Max(band.MinHeight, SmallestFace);
        MaxHeight = Math.Min(band.MaxHeight ?? FaceAligner.Size, FaceAligner.Size);
        _protocol = protocol;
        _sizes = [.. Enumerable.Range(0, protocol.Mated.Count + protocol.NonMated.Count).Select(_ => Square(random))];
    }

    public ResolutionBand Band { get; }

    public int MinHeight { get; }

    public int MaxHeight { get; }

    /// <summary>One trial for each band.</summary>
    public static BandTrial[] All(IdentificationProtocol protocol, int seed)
    {
        var random = new Random(seed);
        return [.. ResolutionBand.All.Select(band => new BandTrial(band, protocol, random))];
    }

    /// <summary>Adds to a run: the gallery, and the probes of the band with or without super-resolution (SR).</summary>
    public void AddTo(EmbeddingRun run, bool enhanced)
    {
        foreach (string image in _protocol.Gallery)
            run.Add(image, ProbeCondition.Gallery);
        foreach (var (image, condition) in Probes(enhanced))
            run.Add(image, condition);
    }

    /// <summary>The scores of the band's probes against the gallery.</summary>
    public CrossScores Scores(FaceEmbeddings embeddings, bool enhanced) => CrossScores.Part(
        embeddings.Scores([.. Probes(enhanced)], _protocol.Gallery),
        [.. _protocol.Mated.Select(probe => (int?)probe.Subject), .. _protocol.NonMated.Select(_ => (int?)null)]);

    private IEnumerable<(string Image, ProbeCondition Condition)> Probes(bool enhanced) =>
        _protocol.Mated.Select(probe => probe.Image).Concat(_protocol.NonMated)
            .Select((image, i) => (image, new ProbeCondition(_sizes[i], enhanced)));

    private FaceSize Square(Random random)
    {
        int side = random.Next(MinHeight, MaxHeight + 1);
        return new(side, side);
    }
}

/// <summary>
/// The probes of a band, with or without SR: their scores, and the outcome at the threshold for a false accept rate (FAR).
/// </summary>
internal sealed record BandTreatment(CrossScores Scores, float Threshold, double[] Accepted, double[] Placements)
{
    public static BandTreatment Of(CrossScores scores, double far)
    {
        // Two equal embeddings score about 1, and rounding can lift that a little above 1. The threshold of a policy is at most 1.
        float threshold = MathF.Min(1, scores.ThresholdAt(far));
        return new(scores, threshold, scores.AcceptedAt(threshold), scores.Placements());
    }

    /// <summary>TAR of the second minus TAR of the first, on the same probes.</summary>
    public static Measure TarGain(BandTreatment first, BandTreatment second) => Gain(first, second, treatment => treatment.Accepted);

    /// <summary>AUC of the second minus AUC of the first, on the same probes.</summary>
    public static Measure AucGain(BandTreatment first, BandTreatment second) => Gain(first, second, treatment => treatment.Placements);

    public BandMeasures Measures() => new(
        Threshold, Bootstrap.MeanByGroup(Accepted, Scores.People), Bootstrap.MeanByGroup(Placements, Scores.People))
    { Expected = ExpectedScores.Of(Scores.Genuine, Threshold) };

    private static Measure Gain(BandTreatment first, BandTreatment second, Func<BandTreatment, double[]> perProbe)
    {
        double[] differences = [.. perProbe(second).Zip(perProbe(first), (a, b) => a - b)];
        return Bootstrap.MeanByGroup(differences, first.Scores.People);
    }
}
