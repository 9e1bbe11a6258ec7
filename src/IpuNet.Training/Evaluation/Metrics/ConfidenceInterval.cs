using System.Globalization;

namespace IpuNet.Training.Evaluation.Metrics;

/// <summary>A 95 % confidence interval.</summary>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end.</param>
public readonly record struct ConfidenceInterval(double Low, double High)
{
    /// <summary>The share of repetitions whose interval holds the true value.</summary>
    public const double Level = 0.95;

    // The normal distribution's quantile at (1 + Level) / 2.
    private const double Z = 1.959963984540054;

    /// <summary>
    /// Wilson's score interval of a proportion, which stays inside 0 to 1 and is right for rates near them (Wilson, "Probable
    /// inference, the law of succession, and statistical inference", 1927).
    /// </summary>
    /// <param name="successes">0 to <paramref name="trials"/>.</param>
    /// <param name="trials">Independent trials, at least 1.</param>
    public static ConfidenceInterval Wilson(int successes, int trials)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(successes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(successes, trials);
        double p = (double)successes / trials, z2 = Z * Z;
        double centre = (p + z2 / (2 * trials)) / (1 + z2 / trials);
        double half = Z / (1 + z2 / trials) * Math.Sqrt(p * (1 - p) / trials + z2 / (4.0 * trials * trials));

        // At 0 and at all the ends are exact; rounding would leave them off by 1e-17.
        return new(successes == 0 ? 0 : centre - half, successes == trials ? 1 : centre + half);
    }
}

/// <summary>A measured value with its 95 % confidence interval.</summary>
/// <param name="Value">What was measured.</param>
/// <param name="Low">Lower end of the interval.</param>
/// <param name="High">Upper end of the interval.</param>
public sealed record Measure(double Value, double Low, double High)
{
    /// <summary>A share, with Wilson's interval.</summary>
    public static Measure Share(int successes, int trials)
    {
        var interval = ConfidenceInterval.Wilson(successes, trials);
        return new((double)successes / trials, interval.Low, interval.High);
    }

    /// <summary>A value and the interval found for it.</summary>
    public static Measure Of(double value, ConfidenceInterval interval) => new(value, interval.Low, interval.High);

    /// <summary>"0.944 [0.928, 0.957]", where a line may break between the value and its interval only.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value:0.000} [{Low:0.000},\u00a0{High:0.000}]");
}
