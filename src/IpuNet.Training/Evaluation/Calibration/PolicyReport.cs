using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Evaluation.Calibration;

/// <summary>What a recognition policy does on a set that it was not calibrated on.</summary>
public sealed record PolicyReport : MeasuredReport
{
    /// <summary>The false acceptance rate that the thresholds were calibrated for.</summary>
    public required double StatedFar { get; init; }

    /// <summary>What came of it, smallest faces first.</summary>
    public required IReadOnlyList<PolicyBandResult> Bands { get; init; }
}

/// <summary>What a policy does in one band.</summary>
/// <param name="Band">The band's name.</param>
/// <param name="Enhance">Whether its faces are enhanced.</param>
/// <param name="Threshold">The score from which a match is accepted.</param>
/// <param name="Genuine">Genuine scores.</param>
/// <param name="Impostors">Impostor scores.</param>
/// <param name="Far">The false acceptance rate here.</param>
/// <param name="Tar">The true acceptance rate here.</param>
public sealed record PolicyBandResult(string Band, bool Enhance, float Threshold, int Genuine, int Impostors, Measure Far, Measure Tar);
