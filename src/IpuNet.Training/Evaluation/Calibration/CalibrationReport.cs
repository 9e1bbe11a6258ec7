using IpuNet.Faces.Policies;
using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Evaluation.Calibration;

/// <summary>
/// For each band: the threshold for a false accept rate (FAR), whether super-resolution (SR) helps, and the evidence for both.
/// </summary>
public sealed record CalibrationReport : MeasuredReport
{
    /// <summary>The evidence, smallest faces first.</summary>
    public required IReadOnlyList<CalibratedBand> Bands { get; init; }

    /// <summary>The resulting policy, for the enhancer's manifest.</summary>
    public required RecognitionPolicy Policy { get; init; }
}

/// <summary>The evidence for one band.</summary>
public sealed record CalibratedBand
{
    /// <summary>The band's name.</summary>
    public required string Band { get; init; }

    /// <summary>Minimum height of the probes in pixels.</summary>
    public required int MinHeight { get; init; }

    /// <summary>Maximum height of the probes in pixels.</summary>
    public required int MaxHeight { get; init; }

    /// <summary>Number of genuine scores.</summary>
    public required int Genuine { get; init; }

    /// <summary>Number of impostor scores.</summary>
    public required int Impostors { get; init; }

    /// <summary>False if there are too few impostor scores for even one false accept at the FAR.</summary>
    public required bool FarMeasurable { get; init; }

    /// <summary>The figures without SR, for probes that are enlarged bicubically.</summary>
    public required BandMeasures Bicubic { get; init; }

    /// <summary>The figures with SR; null without an enhancer.</summary>
    public BandMeasures? Enhanced { get; init; }

    /// <summary>TAR with SR minus TAR without, on the same probes; null without an enhancer.</summary>
    public Measure? TarGain { get; init; }

    /// <summary>AUC with SR minus AUC without, on the same probes; null without an enhancer.</summary>
    public Measure? AucGain { get; init; }

    /// <summary>
    /// Whether to super-resolve the faces of the band. True if SR raises TAR or AUC and lowers neither. A difference counts if its 95 %
    /// interval leaves out 0.
    /// </summary>
    public bool Enhance => TarGain is { } tar && AucGain is { } auc && (tar.Low > 0 || auc.Low > 0) && tar.High >= 0 && auc.High >= 0;
}

/// <summary>Figures of the probes of a band, with or without SR.</summary>
/// <param name="Threshold">The cosine similarity from which a match is accepted.</param>
/// <param name="Tar">The true accept rate (TAR) at the threshold.</param>
/// <param name="Auc">Area under the ROC curve.</param>
public sealed record BandMeasures(float Threshold, Measure Tar, Measure Auc)
{
    /// <summary>Distribution of the genuine scores; null if too few reach the threshold.</summary>
    public ExpectedScores? Expected { get; init; }
}
