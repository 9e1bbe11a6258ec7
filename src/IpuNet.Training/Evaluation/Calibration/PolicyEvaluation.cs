using IpuNet.Contract;
using IpuNet.Faces.Policies;
using IpuNet.Training.Evaluation.Metrics;
using IpuNet.Training.Evaluation.Protocols;

namespace IpuNet.Training.Evaluation.Calibration;

/// <summary>Measures a recognition policy on people that it was not calibrated on.</summary>
/// <param name="pipeline">The models under evaluation.</param>
/// <param name="alignment">Turns the images into aligned faces.</param>
public sealed class PolicyEvaluation(FacePipeline pipeline, EvaluationAlignment alignment)
{
    /// <summary>Applies the policy.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="protocol">Gallery and probes, of people that the policy was not calibrated on.</param>
    /// <param name="seed">Seed for the sizes of the probes within their bands.</param>
    /// <param name="progress">Gets the progress after each batch of faces.</param>
    /// <param name="cancellation">Cancels the operation between batches.</param>
    /// <exception cref="FaceDataException">
    /// The policy is for another recogniser. Or it needs an enhancer, and there is none. Or an image cannot be read.
    /// </exception>
    public PolicyReport Run(
        RecognitionPolicy policy, IdentificationProtocol protocol, int seed = 1,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(protocol);
        policy.RequireRecogniser(pipeline.Recogniser);
        if (pipeline.Enhance is null && policy.Bands.FirstOrDefault(band => band.Enhance) is { } enhanced)
            throw new FaceDataException(
                $"The policy enhances the band {enhanced.Band}, but no enhancer is named. Name the policy's enhancer with --enhancer.");
        var run = new EmbeddingRun(pipeline, alignment);
        var trials = BandTrial.All(protocol, seed).Zip(policy.Bands, (trial, band) => (Trial: trial, Policy: band)).ToArray();
        foreach (var (trial, band) in trials)
            trial.AddTo(run, band.Enhance);
        var embeddings = run.Run(progress, cancellation);
        return new()
        {
            Protocol = protocol.Name,
            Recogniser = pipeline.Recogniser,
            Enhancer = pipeline.Enhancer,
            Alignment = alignment.Id,
            StatedFar = policy.Far,
            ImagesWithoutFace = embeddings.WithoutFace,
            Bands = [.. trials.Select(pair => Result(pair.Policy, pair.Trial.Scores(embeddings, pair.Policy.Enhance)))],
        };
    }

    private static PolicyBandResult Result(BandPolicy policy, CrossScores scores) => new(
        policy.Band.Name,
        policy.Enhance,
        policy.Threshold,
        scores.Genuine.Count,
        scores.ImpostorCount,
        Bootstrap.MeanByGroup(scores.FalselyAcceptedAt(policy.Threshold), scores.ProbePeople),
        Bootstrap.MeanByGroup(scores.AcceptedAt(policy.Threshold), scores.People));
}

/// <summary>The outcome of a recognition policy on people that it was not calibrated on.</summary>
public sealed record PolicyReport : MeasuredReport
{
    /// <summary>The false accept rate (FAR) that the thresholds were calibrated for.</summary>
    public required double StatedFar { get; init; }

    /// <summary>The outcomes, smallest faces first.</summary>
    public required IReadOnlyList<PolicyBandResult> Bands { get; init; }
}

/// <summary>The outcome of a policy in one band.</summary>
/// <param name="Band">The band's name.</param>
/// <param name="Enhance">Whether the policy enhances the band.</param>
/// <param name="Threshold">The score from which a match is accepted.</param>
/// <param name="Genuine">Number of genuine scores.</param>
/// <param name="Impostors">Number of impostor scores.</param>
/// <param name="Far">The measured false accept rate (FAR).</param>
/// <param name="Tar">The measured true accept rate (TAR).</param>
public sealed record PolicyBandResult(string Band, bool Enhance, float Threshold, int Genuine, int Impostors, Measure Far, Measure Tar);

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
