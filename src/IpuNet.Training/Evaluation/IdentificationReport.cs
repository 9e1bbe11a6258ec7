using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Evaluation;

/// <summary>Identification of low-resolution probes in a high-resolution gallery, per size, without and with SR.</summary>
public sealed record IdentificationReport : MeasuredReport
{
    /// <summary>Enrolled subjects, one image each.</summary>
    public required int GallerySubjects { get; init; }

    /// <summary>Probes whose subject is enrolled.</summary>
    public required int MatedProbes { get; init; }

    /// <summary>Probes whose subject is not.</summary>
    public required int NonMatedProbes { get; init; }

    /// <summary>One row per condition.</summary>
    public required IReadOnlyList<IdentificationRow> Rows { get; init; }
}

/// <summary>What was measured under one condition.</summary>
public sealed record IdentificationRow
{
    /// <summary>The probe's size, height x width in pixels, or "HR".</summary>
    public required string Probe { get; init; }

    /// <summary>True with SR, false with bicubic enlargement.</summary>
    public required bool Enhanced { get; init; }

    /// <summary>The share of mated probes whose subject scores highest.</summary>
    public required Measure Rank1 { get; init; }

    /// <summary>The share of mated probes whose subject is among the five that score highest.</summary>
    public required Measure Rank5 { get; init; }

    /// <summary>The cumulative match characteristic from rank 1 on.</summary>
    public required IReadOnlyList<double> Cmc { get; init; }

    /// <summary>Detection-and-identification rates at the false-alarm rates asked for; empty without an open set.</summary>
    public required IReadOnlyList<DirAtFar> DirAtFar { get; init; }
}

/// <summary>A detection-and-identification rate.</summary>
/// <param name="Far">The false-alarm rate asked for: the share of probes without a mate that may be named, 0 to 1.</param>
/// <param name="Dir">The share of mated probes named, and named rightly.</param>
/// <param name="Threshold">The score from which a probe is named.</param>
/// <param name="Measurable">False where there are too few probes without a mate for a single false alarm at that rate.</param>
public sealed record DirAtFar(double Far, Measure Dir, float Threshold, bool Measurable);
