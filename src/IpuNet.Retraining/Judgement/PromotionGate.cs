using IpuNet.Faces.Recognition;
using IpuNet.Training.Evaluation;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Protocols;

namespace IpuNet.Retraining.Judgement;

/// <summary>A model that may be in use: what it does, and in which bands.</summary>
/// <param name="Pipeline">The enhancer with the recogniser, which is the same for all that are compared.</param>
/// <param name="Policy">Which bands it enhances.</param>
public sealed record GatedModel(FacePipeline Pipeline, RecognitionPolicy Policy);

/// <summary>
/// Compares a new model with the one in use, band by band, on the same probes of people that neither has seen. Each treats a band as its
/// own policy says; thresholds are set anew for both on these very people, so that neither gains by a lucky one.
/// </summary>
/// <param name="current">The model in use.</param>
/// <param name="candidate">The new one.</param>
/// <param name="alignment">How the sets' images become aligned faces.</param>
public sealed class PromotionGate(GatedModel current, GatedModel candidate, EvaluationAlignment alignment)
{
    private const int Seed = 1;

    /// <summary>Compares them on a set of people. Bands that neither enhances are left out: there they do the same.</summary>
    /// <param name="set">What figures call the set.</param>
    /// <param name="protocol">Gallery and probes.</param>
    /// <param name="progress">Is told after each batch of faces.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="Faces.FaceDataException">An image cannot be read.</exception>
    public IReadOnlyList<BandComparison> Compare(
        string set, IdentificationProtocol protocol, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        BandTrial[] trials = [.. BandTrial.All(protocol, Seed).Where(trial => Enhances(current, trial) || Enhances(candidate, trial))];
        FaceEmbeddings ofCurrent = Embed(current, trials, progress, cancellation), ofCandidate = Embed(candidate, trials, progress, cancellation);
        return [.. trials.Select(trial => Compare(set, trial, ofCurrent, ofCandidate))];
    }

    /// <summary>Decides: a new model is used if no band is worse, and one at least is better.</summary>
    /// <param name="bands">The comparisons on all sets.</param>
    /// <returns>Whether it is used, and why, with the figures that decide.</returns>
    public static (bool Promote, string Reason) Decide(IReadOnlyList<BandComparison> bands)
    {
        ArgumentNullException.ThrowIfNull(bands);
        BandComparison[] worse = [.. bands.Where(band => band.Verdict == BandVerdict.Worse)], better = [.. bands.Where(band => band.Verdict == BandVerdict.Better)];
        return worse is not [] ? (false, $"It is worse than the model in use beyond the 95 % interval: {string.Join("; ", worse.Select(band => band.ToString()))}.")
            : better is [] ? (false, "It is better than the model in use in no band beyond the 95 % interval of the difference.")
            : (true, $"It is better than the model in use beyond the 95 % interval, and worse nowhere: {string.Join("; ", better.Select(band => band.ToString()))}.");
    }

    private static bool Enhances(GatedModel model, BandTrial trial) => model.Policy.Bands.Single(band => band.Band == trial.Band).Enhance;

    private FaceEmbeddings Embed(GatedModel model, BandTrial[] trials, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        var run = new EmbeddingRun(model.Pipeline, alignment);
        foreach (BandTrial trial in trials)
            trial.Want(run, Enhances(model, trial));
        return run.Run(progress, cancellation);
    }

    private BandComparison Compare(string set, BandTrial trial, FaceEmbeddings ofCurrent, FaceEmbeddings ofCandidate)
    {
        bool before = Enhances(current, trial), after = Enhances(candidate, trial);
        BandTreatment first = BandTreatment.Of(trial.Scores(ofCurrent, before), current.Policy.Far), second = BandTreatment.Of(trial.Scores(ofCandidate, after), current.Policy.Far);
        return new BandComparison(
            set, trial.Band.Name, trial.MinHeight, trial.MaxHeight, first.Accepted.Length, new BandOutcome(before, first.Measures()), new BandOutcome(after, second.Measures()),
            BandTreatment.TarGain(first, second), BandTreatment.AucGain(first, second));
    }
}
