using IpuNet.Faces.Recognition;
using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Evaluation.Calibration;

/// <summary>A band's probes, treated in one way: their scores, and what comes of them at the threshold for a false acceptance rate.</summary>
internal sealed record BandTreatment(CrossScores Scores, float Threshold, double[] Accepted, double[] Placements)
{
    public static BandTreatment Of(CrossScores scores, double far)
    {
        // Equal embeddings score 1 and a little more or less by rounding; a policy's threshold is at most 1.
        float threshold = MathF.Min(1, scores.ThresholdAt(far));
        return new(scores, threshold, scores.AcceptedAt(threshold), scores.Placements());
    }

    /// <summary>TAR of the second less that of the first, the same probes compared.</summary>
    public static Measure TarGain(BandTreatment first, BandTreatment second) => Gain(first, second, treatment => treatment.Accepted);

    /// <summary>AUC of the second less that of the first, the same probes compared.</summary>
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
