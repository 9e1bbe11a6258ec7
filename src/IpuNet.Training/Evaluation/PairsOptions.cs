using System.Text.Json.Serialization;
using IpuNet.Training.Degradation;
using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Evaluation;

/// <summary>The image of a pair that becomes the low-resolution probe. The other is the gallery image.</summary>
public enum ProbeImage
{
    /// <summary>The first image.</summary>
    [JsonStringEnumMemberName("first")]
    First,

    /// <summary>The second image. On a thousand pairs, the choice changes the accuracy by up to 0.03.</summary>
    [JsonStringEnumMemberName("second")]
    Second,
}

/// <summary>Options of a verification evaluation.</summary>
public sealed record PairsOptions
{
    /// <summary>The sizes of the probes.</summary>
    /// <value>8, 12, 16, 24 and 32 px, square, by default.</value>
    public IReadOnlyList<FaceSize> Sizes { get; init; } = [new(8, 8), new(12, 12), new(16, 16), new(24, 24), new(32, 32)];

    /// <summary>Whether to measure the original probes as well.</summary>
    /// <value>True by default.</value>
    public bool HighResolution { get; init; } = true;

    /// <summary>The image of each pair that is the probe.</summary>
    /// <value>The first by default.</value>
    public ProbeImage Probe { get; init; }

    /// <summary>The false accept rates (FAR) at which the true accept rate (TAR) is measured, 0 to 1.</summary>
    /// <value>1 % and 0.1 % by default.</value>
    public IReadOnlyList<double> Fars { get; init; } = [0.01, 0.001];

    /// <summary>
    /// A report of the same models on another set. Its best thresholds are tried on these pairs, which gives the accuracy on new people.
    /// Null leaves this out.
    /// </summary>
    public PairsReport? Calibration { get; init; }

    /// <summary>Number of resamplings for each bootstrapped interval, at least 40.</summary>
    public int Resamples { get; init; } = Bootstrap.DefaultResamples;
}
