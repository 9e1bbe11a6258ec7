using System.Globalization;

namespace IpuNet.Training.Evaluation.Metrics;

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
