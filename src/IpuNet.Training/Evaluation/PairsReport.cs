using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Evaluation;

/// <summary>Verification of low-resolution probes against high-resolution gallery images, per size, without and with SR.</summary>
public sealed record PairsReport : MeasuredReport
{
    /// <summary>Pairs of one person.</summary>
    public required int GenuinePairs { get; init; }

    /// <summary>Pairs of two people.</summary>
    public required int ImpostorPairs { get; init; }

    /// <summary>Which image of each pair was the probe.</summary>
    public ProbeImage ProbeImage { get; init; }

    /// <summary>The protocol whose best thresholds gave <see cref="PairsRow.CalibratedAccuracy"/>; null if none did.</summary>
    public string? CalibratedOn { get; init; }

    /// <summary>One row per condition.</summary>
    public required IReadOnlyList<PairsRow> Rows { get; init; }
}

/// <summary>The figures of one condition.</summary>
public sealed record PairsRow
{
    /// <summary>The probe's size, height x width in pixels, or "HR".</summary>
    public required string Probe { get; init; }

    /// <summary>True with SR, false with bicubic enlargement.</summary>
    public required bool Enhanced { get; init; }

    /// <summary>Accuracy at the threshold that is best on these very pairs: an upper bound.</summary>
    public required Measure BestAccuracy { get; init; }

    /// <summary>That threshold, a cosine similarity.</summary>
    public required float BestThreshold { get; init; }

    /// <summary>
    /// Accuracy of LFW's cross-validation: each fold at the threshold that is best on the others; null for a single fold.
    /// </summary>
    public CrossValidatedAccuracy? CrossValidatedAccuracy { get; init; }

    /// <summary>Accuracy at the threshold that is best, under the same condition, on another set; null without one.</summary>
    public Measure? CalibratedAccuracy { get; init; }

    /// <summary>Area under the ROC curve.</summary>
    public required Measure Auc { get; init; }

    /// <summary>TAR at the false accept rate (FAR)s asked for.</summary>
    public required IReadOnlyList<TarAtFar> TarAtFar { get; init; }

    /// <summary>Mean PSNR of the treated probes against the aligned faces, dB; null if a probe equals its aligned face.</summary>
    public double? Psnr { get; init; }

    /// <summary>Mean SSIM of the treated probes against the aligned faces; null for faces left as they are.</summary>
    public double? Ssim { get; init; }

    /// <summary>Mean cosine similarity of genuine pairs.</summary>
    public required double MeanGenuine { get; init; }

    /// <summary>Mean cosine similarity of impostor pairs.</summary>
    public required double MeanImpostor { get; init; }

    /// <summary>The corners of the ROC curve, from (0, 0) to (1, 1).</summary>
    public required IReadOnlyList<RocCorner> Roc { get; init; }
}

/// <summary>TAR at a false accept rate (FAR).</summary>
/// <param name="Far">The rate, 0 to 1.</param>
/// <param name="Tar">The true accept rate (TAR) there.</param>
/// <param name="Measurable">
/// False if the impostor pairs are too few for a single false accept at that rate: the value is then TAR at FAR 0.
/// </param>
public sealed record TarAtFar(double Far, Measure Tar, bool Measurable);

/// <summary>A corner of a ROC curve.</summary>
/// <param name="Far">False acceptance rate, 0 to 1.</param>
/// <param name="Tar">True acceptance rate, 0 to 1.</param>
public readonly record struct RocCorner(double Far, double Tar);
