using System.Globalization;

namespace IpuNet.Training.Evaluation.Metrics;

/// <summary>A 95 % confidence interval.</summary>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
public readonly record struct ConfidenceInterval(double Low, double High)
{
    /// <summary>The share of repeated measurements in which the interval holds the true value.</summary>
    public const double Level = 0.95;

    // The quantile of the normal distribution at (1 + Level) / 2.
    private const double Z = 1.959963984540054;

    /// <summary>
    /// Wilson's score interval of a share. It stays within 0 to 1 and also holds for shares near 0 and 1 (Wilson, "Probable
    /// inference, the law of succession, and statistical inference", 1927).
    /// </summary>
    /// <param name="successes">Number of successes, 0 to <paramref name="trials"/>.</param>
    /// <param name="trials">Number of independent trials, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static ConfidenceInterval Wilson(int successes, int trials)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        double p = (double)successes / trials, z2 = Z * Z;
        double centre = (p + z2 / (2 * trials)) / (1 + z2 / trials);
        double half = Z / (1 + z2 / trials) * Math.Sqrt(p * (1 - p) / trials + z2 / (4.0 * trials * trials));

        // Without a success the lower end is 0, and with successes only the upper end is 1. Rounding would miss both by about 1e-17.
        return new(successes == 0 ? 0 : centre - half, successes == trials ? 1 : centre + half);
    }
}

/// <summary>A measured value with its 95 % confidence interval.</summary>
/// <param name="Value">The measured value.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
public sealed record Measure(double Value, double Low, double High)
{
    /// <summary>A share with Wilson's interval; see <see cref="ConfidenceInterval.Wilson"/>.</summary>
    public static Measure Share(int successes, int trials)
    {
        var interval = ConfidenceInterval.Wilson(successes, trials);
        return new((double)successes / trials, interval.Low, interval.High);
    }

    /// <summary>A value with an interval.</summary>
    public static Measure Of(double value, ConfidenceInterval interval) => new(value, interval.Low, interval.High);

    /// <summary>"0.944 [0.928, 0.957]". A line can break before the interval, but not within it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value:0.000} [{Low:0.000},\u00a0{High:0.000}]");
}
