using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Retraining.Judgement;

/// <summary>How a new model does in a band beside the model in use.</summary>
public enum BandVerdict
{
    /// <summary>TAR or AUC is lower beyond the 95 % interval of the difference.</summary>
    Worse,

    /// <summary>Neither is lower or higher beyond it.</summary>
    Same,

    /// <summary>TAR or AUC is higher beyond it, and neither is lower.</summary>
    Better,
}

/// <summary>What a model does with a band's probes, by its own policy.</summary>
/// <param name="Enhance">Whether they are super-resolved.</param>
/// <param name="Measures">The threshold for the false acceptance rate on these very scores, TAR at it, and AUC.</param>
public sealed record BandOutcome(bool Enhance, BandMeasures Measures);

/// <summary>The model in use and a new one on the same probes of one band.</summary>
/// <param name="Set">Name of the set of people.</param>
/// <param name="Band">Name of the band.</param>
/// <param name="MinHeight">Least height of the probes, pixels.</param>
/// <param name="MaxHeight">Greatest height of the probes, pixels.</param>
/// <param name="Probes">How many probes have their subject in the gallery.</param>
/// <param name="Current">The model in use.</param>
/// <param name="Candidate">The new one.</param>
/// <param name="TarGain">TAR of the new one less that of the one in use.</param>
/// <param name="AucGain">AUC of the new one less that of the one in use.</param>
public sealed record BandComparison(
    string Set, string Band, int MinHeight, int MaxHeight, int Probes, BandOutcome Current, BandOutcome Candidate, Measure TarGain, Measure AucGain)
{
    /// <summary>What follows for the band.</summary>
    public BandVerdict Verdict =>
        TarGain.High < 0 || AucGain.High < 0 ? BandVerdict.Worse : TarGain.Low > 0 || AucGain.Low > 0 ? BandVerdict.Better : BandVerdict.Same;

    /// <summary>The band and the figures that decide.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{Set}, {Band} px: TAR {Current.Measures.Tar.Value:0.000} to {Candidate.Measures.Tar.Value:0.000} (difference {TarGain}), AUC {Current.Measures.Auc.Value:0.000} to {Candidate.Measures.Auc.Value:0.000} (difference {AucGain})");
}
