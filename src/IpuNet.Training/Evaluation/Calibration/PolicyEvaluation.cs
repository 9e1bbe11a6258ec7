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
