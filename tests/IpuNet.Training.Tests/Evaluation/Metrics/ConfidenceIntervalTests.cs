using CsCheck;
using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Tests.Evaluation.Metrics;

public sealed class ConfidenceIntervalTests
{
    // By hand, with z2 = 3.841459: 0 of 10 ends at z2 / (10 + z2); 5 of 10 lies z / (2 sqrt(10 + z2)) about a half.
    [Theory]
    [InlineData(0, 10, 0, 0.2775328)]
    [InlineData(5, 10, 0.2365931, 0.7634069)]
    [InlineData(10, 10, 0.7224672, 1)]
    public void Wilson_SmallCounts_AreAsComputedByHand(int successes, int trials, double low, double high)
    {
        var interval = ConfidenceInterval.Wilson(successes, trials);

        interval.Low.ShouldBe(low, 1e-6);
        interval.High.ShouldBe(high, 1e-6);
    }

    [Fact]
    public void Wilson_AnyCounts_EndsWhereTheScoreTestJustRejects() =>
        Gen.Select(Gen.Int[1, 2000], Gen.Double[0, 1]).Sample((trials, share) =>
        {
            int successes = (int)Math.Round(share * trials);
            var interval = ConfidenceInterval.Wilson(successes, trials);
            double p = (double)successes / trials;
            bool Rejects(double truth) =>
                truth is <= 0 or >= 1 || Math.Abs(Math.Abs(p - truth) / Math.Sqrt(truth * (1 - truth) / trials) - 1.959964) < 1e-3;
            return interval.Low <= p && p <= interval.High && Rejects(interval.Low) && Rejects(interval.High);
        });

    [Fact]
    public void ToString_Measure_GivesValueAndInterval() =>
        Measure.Share(944, 1000).ToString().ShouldBe("0.944 [0.928,\u00a00.957]");
}
