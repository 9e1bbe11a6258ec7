using IpuNet.Contract;
using IpuNet.Faces.Policies;
using IpuNet.Training.Evaluation;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Protocols;

namespace IpuNet.Retraining.Judgement;

/// <summary>A model in the gate, with its policy.</summary>
/// <param name="Pipeline">The enhancer and the recogniser. All models in a gate have the same recogniser.</param>
/// <param name="Policy">The policy, which says which bands are enhanced.</param>
public sealed record GatedModel(FacePipeline Pipeline, RecognitionPolicy Policy);

/// <summary>
/// The gate: compares a candidate with the model in use, band by band. Both get the same probes, of people that neither was trained on.
/// Each model follows its own policy for super-resolution. The gate sets the thresholds of both on these people, so that no model profits
/// from a lucky threshold.
/// </summary>
/// <param name="current">The model in use.</param>
/// <param name="candidate">The candidate.</param>
/// <param name="alignment">Turns the images into aligned faces.</param>
public sealed class PromotionGate(GatedModel current, GatedModel candidate, EvaluationAlignment alignment)
{
    private const int Seed = 1;

    /// <summary>Compares the models on a set of people. Skips bands that neither model enhances, because both do the same there.</summary>
    /// <param name="set">Name of the set.</param>
    /// <param name="protocol">Gallery and probes.</param>
    /// <param name="progress">Gets the progress after each batch of faces.</param>
    /// <param name="cancellation">Cancels the operation between batches.</param>
    /// <exception cref="FaceDataException">An image cannot be read.</exception>
    public IReadOnlyList<BandComparison> Compare(
        string set, IdentificationProtocol protocol, IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        BandTrial[] trials = [.. BandTrial.All(protocol, Seed).Where(trial => Enhances(current, trial) || Enhances(candidate, trial))];
        FaceEmbeddings ofCurrent = Embed(current, trials, progress, cancellation);
        FaceEmbeddings ofCandidate = Embed(candidate, trials, progress, cancellation);
        return [.. trials.Select(trial => Compare(set, trial, ofCurrent, ofCandidate))];
    }

    /// <summary>Decides: a candidate is promoted if no band is worse and at least one is better.</summary>
    /// <param name="bands">The comparisons on all sets.</param>
    /// <returns>Whether to promote the candidate, and the reason with the figures that decide.</returns>
    public static (bool Promote, string Reason) Decide(IReadOnlyList<BandComparison> bands)
    {
        ArgumentNullException.ThrowIfNull(bands);
        if (Figures(BandVerdict.Worse) is { } worse)
            return (false, $"It is worse than the model in use beyond the 95 % interval: {worse}.");
        return Figures(BandVerdict.Better) is { } better
            ? (true, $"It is better than the model in use beyond the 95 % interval, and worse in no band: {better}.")
            : (false, "It is not better than the model in use in any band, beyond the 95 % interval of the difference.");

        string? Figures(BandVerdict verdict)
        {
            string[] figures = [.. bands.Where(band => band.Verdict == verdict).Select(band => band.ToString())];
            return figures is [] ? null : string.Join("; ", figures);
        }
    }

    private static bool Enhances(GatedModel model, BandTrial trial) => model.Policy.Bands.Single(band => band.Band == trial.Band).Enhance;

    private FaceEmbeddings Embed(
        GatedModel model, BandTrial[] trials, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        var run = new EmbeddingRun(model.Pipeline, alignment);
        foreach (BandTrial trial in trials)
            trial.AddTo(run, Enhances(model, trial));
        return run.Run(progress, cancellation);
    }

    private BandComparison Compare(string set, BandTrial trial, FaceEmbeddings ofCurrent, FaceEmbeddings ofCandidate)
    {
        bool before = Enhances(current, trial), after = Enhances(candidate, trial);
        var first = BandTreatment.Of(trial.Scores(ofCurrent, before), current.Policy.Far);
        var second = BandTreatment.Of(trial.Scores(ofCandidate, after), current.Policy.Far);
        return new BandComparison(
            set, trial.Band.Name, trial.MinHeight, trial.MaxHeight, first.Accepted.Length,
            new BandOutcome(before, first.Measures()), new BandOutcome(after, second.Measures()),
            BandTreatment.TarGain(first, second), BandTreatment.AucGain(first, second));
    }
}
