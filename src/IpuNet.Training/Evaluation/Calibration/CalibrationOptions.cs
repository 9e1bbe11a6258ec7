namespace IpuNet.Training.Evaluation.Calibration;

/// <summary>What thresholds are calibrated for.</summary>
public sealed record CalibrationOptions
{
    /// <summary>The false acceptance rate of one comparison of two people.</summary>
    /// <value>0.1 % by default; above 0, below 1. In a gallery of N subjects a stranger is named about N times as often.</value>
    public double Far { get; init; } = 0.001;

    /// <summary>Decides which size within its band each probe gets.</summary>
    public int Seed { get; init; } = 1;
}
