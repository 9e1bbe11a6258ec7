using IpuNet.Faces;
using IpuNet.Faces.Recognition;
using IpuNet.Training.Evaluation.Metrics;
using IpuNet.Training.Evaluation.Protocols;

namespace IpuNet.Training.Evaluation.Calibration;

/// <summary>Applies a recognition policy to another set than it was calibrated on: the rates that can be promised.</summary>
/// <param name="pipeline">What is evaluated.</param>
/// <param name="alignment">How the set's images become aligned faces.</param>
public sealed class PolicyEvaluation(FacePipeline pipeline, EvaluationAlignment alignment)
{
    /// <summary>Applies the policy.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="protocol">Gallery and probes; people that the policy was not calibrated on.</param>
    /// <param name="seed">Decides which size within its band each probe gets.</param>
    /// <param name="progress">Is told after each batch of faces.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="FaceDataException">The policy is for another recogniser, wants an enhancer that is not there, or an image cannot be read.</exception>
    public PolicyReport Run(
        RecognitionPolicy policy, IdentificationProtocol protocol, int seed = 1,
        IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(protocol);
        policy.RequireRecogniser(pipeline.Recogniser);
        if (pipeline.Enhance is null && policy.Bands.FirstOrDefault(band => band.Enhance) is { } enhanced)
            throw new FaceDataException($"The policy enhances faces of the band {enhanced.Band}, but there is no enhancer. Name the one that the policy is of.");
        var run = new EmbeddingRun(pipeline, alignment);
        var trials = BandTrial.All(protocol, seed).Zip(policy.Bands, (trial, band) => (Trial: trial, Policy: band)).ToArray();
        foreach (var (trial, band) in trials)
            trial.Want(run, band.Enhance);
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
