using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Evaluation;

/// <summary>Verification of low-resolution probes against original gallery images, per size, without and with SR.</summary>
public sealed record PairsReport : MeasuredReport
{
    /// <summary>Number of pairs of one person.</summary>
    public required int GenuinePairs { get; init; }

    /// <summary>Number of pairs of two people.</summary>
    public required int ImpostorPairs { get; init; }

    /// <summary>The image of each pair that was the probe.</summary>
    public ProbeImage ProbeImage { get; init; }

    /// <summary>Name of the set that gave the thresholds for <see cref="PairsRow.CalibratedAccuracy"/>; null if none did.</summary>
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

    /// <summary>
    /// Accuracy at the threshold that is best on these pairs. The threshold was chosen on them, so this is an upper bound.
    /// </summary>
    public required Measure BestAccuracy { get; init; }

    /// <summary>The threshold that is best on these pairs, a cosine similarity.</summary>
    public required float BestThreshold { get; init; }

    /// <summary>
    /// Accuracy by LFW's cross-validation: each fold is decided by the threshold that is best on the other folds. Null for a single fold.
    /// </summary>
    public CrossValidatedAccuracy? CrossValidatedAccuracy { get; init; }

    /// <summary>
    /// Accuracy at the threshold that is best on another set under the same condition; null if there is no other set.
    /// </summary>
    public Measure? CalibratedAccuracy { get; init; }

    /// <summary>Area under the ROC curve.</summary>
    public required Measure Auc { get; init; }

    /// <summary>TAR at each FAR of the options.</summary>
    public required IReadOnlyList<TarAtFar> TarAtFar { get; init; }

    /// <summary>
    /// Mean PSNR of the enlarged or super-resolved probes against the aligned faces, dB. Null if a probe equals its aligned face.
    /// </summary>
    public double? Psnr { get; init; }

    /// <summary>Mean SSIM of the enlarged or super-resolved probes against the aligned faces. Null for the original probes.</summary>
    public double? Ssim { get; init; }

    /// <summary>Mean cosine similarity of genuine pairs.</summary>
    public required double MeanGenuine { get; init; }

    /// <summary>Mean cosine similarity of impostor pairs.</summary>
    public required double MeanImpostor { get; init; }

    /// <summary>The corners of the ROC curve, from (0, 0) to (1, 1).</summary>
    public required IReadOnlyList<RocCorner> Roc { get; init; }
}

/// <summary>TAR at a false accept rate (FAR).</summary>
/// <param name="Far">The FAR, 0 to 1.</param>
/// <param name="Tar">The true accept rate (TAR) at that FAR.</param>
/// <param name="Measurable">
/// False if there are too few impostor pairs for even one false accept at that FAR. The value is then TAR at FAR 0.
/// </param>
public sealed record TarAtFar(double Far, Measure Tar, bool Measurable);

/// <summary>A corner of a ROC curve.</summary>
/// <param name="Far">False accept rate, 0 to 1.</param>
/// <param name="Tar">True accept rate, 0 to 1.</param>
public readonly record struct RocCorner(double Far, double Tar);
