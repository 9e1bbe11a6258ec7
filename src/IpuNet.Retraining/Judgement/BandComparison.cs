using System.Globalization;
using IpuNet.Contract;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Retraining.Judgement;

/// <summary>The outcome of a model on the probes of a band, under its own policy.</summary>
/// <param name="Enhance">Whether the policy super-resolves the band.</param>
/// <param name="Measures">The threshold for the FAR on these scores, the TAR at that threshold, and the AUC.</param>
public sealed record BandOutcome(bool Enhance, BandMeasures Measures);

/// <summary>A comparison of the candidate and the model in use, on the same probes of a band.</summary>
/// <param name="Set">Name of the set of people.</param>
/// <param name="Band">Name of the band.</param>
/// <param name="MinHeight">Minimum height of the probes, pixels.</param>
/// <param name="MaxHeight">Maximum height of the probes, pixels.</param>
/// <param name="Probes">Number of probes whose subject is in the gallery.</param>
/// <param name="Current">The model in use.</param>
/// <param name="Candidate">The candidate.</param>
/// <param name="TarGain">TAR of the candidate minus TAR of the model in use.</param>
/// <param name="AucGain">AUC of the candidate minus AUC of the model in use.</param>
public sealed record BandComparison(
    string Set, string Band, int MinHeight, int MaxHeight, int Probes, BandOutcome Current, BandOutcome Candidate, Measure TarGain,
    Measure AucGain)
{
    /// <summary>The verdict for the band.</summary>
    public BandVerdict Verdict =>
        TarGain.High < 0 || AucGain.High < 0 ? BandVerdict.Worse
        : TarGain.Low > 0 || AucGain.Low > 0 ? BandVerdict.Better
        : BandVerdict.Same;

    /// <summary>The band with the figures that decide.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Set}, {Band} px: TAR {Current.Measures.Tar.Value:0.000} to {Candidate.Measures.Tar.Value:0.000} (difference {TarGain}), AUC "
        + $"{Current.Measures.Auc.Value:0.000} to {Candidate.Measures.Auc.Value:0.000} (difference {AucGain})");
}
