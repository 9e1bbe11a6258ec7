using System.Text.Json.Serialization;
using IpuNet.Training.Degradation;
using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Evaluation;

/// <summary>Which image of a pair is the low-resolution probe; the other is the gallery image.</summary>
public enum ProbeImage
{
    /// <summary>The first.</summary>
    [JsonStringEnumMemberName("first")]
    First,

    /// <summary>The second. On a set of a thousand pairs the accuracy differs by up to 0.03 between the two.</summary>
    [JsonStringEnumMemberName("second")]
    Second,
}

/// <summary>Options of a verification evaluation.</summary>
public sealed record PairsOptions
{
    /// <summary>The sizes that probes are brought down to.</summary>
    /// <value>8, 12, 16, 24 and 32 px, square, by default.</value>
    public IReadOnlyList<FaceSize> Sizes { get; init; } = [new(8, 8), new(12, 12), new(16, 16), new(24, 24), new(32, 32)];

    /// <summary>Whether probes are also left as they are.</summary>
    /// <value>True by default.</value>
    public bool HighResolution { get; init; } = true;

    /// <summary>Which image of a pair is the probe.</summary>
    /// <value>The first by default.</value>
    public ProbeImage Probe { get; init; }

    /// <summary>The false accept rate (FAR)s at which TAR is measured.</summary>
    /// <value>1 % and 0.1 % by default.</value>
    public IReadOnlyList<double> FalseAcceptanceRates { get; init; } = [0.01, 0.001];

    /// <summary>
    /// The report of the same pipeline on another set, whose best thresholds are tried here: the accuracy that nobody can call
    /// optimistic. Null leaves it out.
    /// </summary>
    public PairsReport? Calibration { get; init; }

    /// <summary>Resamplings of each bootstrapped interval.</summary>
    public int Resamples { get; init; } = Bootstrap.DefaultResamples;
}
