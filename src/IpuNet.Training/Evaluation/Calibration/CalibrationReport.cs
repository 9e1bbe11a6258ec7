using IpuNet.Faces.Recognition;
using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Evaluation.Calibration;

/// <summary>Per resolution band: the threshold for a false acceptance rate, whether SR helps, and the evidence for both.</summary>
public sealed record CalibrationReport : MeasuredReport
{
    /// <summary>The evidence, smallest faces first.</summary>
    public required IReadOnlyList<CalibratedBand> Bands { get; init; }

    /// <summary>What follows from it, for the enhancer's manifest.</summary>
    public required RecognitionPolicy Policy { get; init; }
}

/// <summary>The evidence for one band.</summary>
public sealed record CalibratedBand
{
    /// <summary>The band's name.</summary>
    public required string Band { get; init; }

    /// <summary>Smallest face that was tried, pixels.</summary>
    public required int MinHeight { get; init; }

    /// <summary>Largest face that was tried, pixels.</summary>
    public required int MaxHeight { get; init; }

    /// <summary>Genuine scores.</summary>
    public required int Genuine { get; init; }

    /// <summary>Impostor scores.</summary>
    public required int Impostors { get; init; }

    /// <summary>False where there are too few impostor scores for a single false acceptance at the rate.</summary>
    public required bool FarMeasurable { get; init; }

    /// <summary>Without SR.</summary>
    public required BandMeasures Bicubic { get; init; }

    /// <summary>With SR; null without an enhancer.</summary>
    public BandMeasures? Enhanced { get; init; }

    /// <summary>TAR with SR less TAR without, the same probes compared; null without an enhancer.</summary>
    public Measure? TarGain { get; init; }

    /// <summary>AUC with SR less AUC without, the same probes compared; null without an enhancer.</summary>
    public Measure? AucGain { get; init; }

    /// <summary>
    /// Whether faces of the band are enhanced: TAR or AUC is higher with SR beyond its 95 % interval, and neither is lower beyond its own.
    /// </summary>
    public bool Enhance => TarGain is { } tar && AucGain is { } auc && (tar.Low > 0 || auc.Low > 0) && tar.High >= 0 && auc.High >= 0;
}

/// <summary>What one treatment of a band's probes gives.</summary>
/// <param name="Threshold">The cosine similarity from which a match is accepted.</param>
/// <param name="Tar">TAR at it.</param>
/// <param name="Auc">Area under the ROC curve.</param>
public sealed record BandMeasures(float Threshold, Measure Tar, Measure Auc)
{
    /// <summary>How genuine scores are spread; null where too few reach the threshold.</summary>
    public ExpectedScores? Expected { get; init; }
}
