using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Tests.Evaluation.Metrics;

public sealed class BootstrapTests
{
    [Fact]
    public void Intervals_Area_IsAsWideAsDeLongsFormulaSays()
    {
        var scores = Overlapping(300, 300);

        var interval = Bootstrap.Intervals(scores, 1000, roc => roc.Area()).ShouldHaveSingleItem();

        double expected = 2 * 1.96 * DeLongStandardError(scores);
        (interval.High - interval.Low).ShouldBe(expected, expected * 0.15);
        RocCurve.From(scores).Area().ShouldBeInRange(interval.Low, interval.High);
    }

    [Fact]
    public void Intervals_SameScores_AreTheSame()
    {
        var scores = Overlapping(50, 50);

        Bootstrap.Intervals(scores, 100, roc => roc.AtFar(0.1).Tar).ShouldBe(Bootstrap.Intervals(scores, 100, roc => roc.AtFar(0.1).Tar));
    }

    [Fact]
    public void Intervals_SeveralStatistics_KeepTheirOrder()
    {
        var intervals = Bootstrap.Intervals(Overlapping(20, 20), 40, _ => 1, _ => 2);

        intervals.ShouldBe([new(1, 1), new(2, 2)]);
    }

    [Fact]
    public void MeanByGroup_GroupsOfOne_IsAsWideAsTheNormalInterval()
    {
        var random = new Random(1);
        double[] values = [.. Enumerable.Range(0, 400).Select(_ => random.NextDouble())];

        var interval = Bootstrap.MeanByGroup(values, [.. Enumerable.Range(0, 400)]);

        // A uniform value has the variance 1/12.
        double expected = 2 * 1.96 * Math.Sqrt(1.0 / 12 / 400);
        (interval.High - interval.Low).ShouldBe(expected, expected * 0.15);
    }

    [Fact]
    public void MeanByGroup_CopiesInOneGroup_DoNotNarrowTheInterval()
    {
        double[] once = [.. Enumerable.Range(0, 50).Select(i => (double)(i % 5))];
        int[] groups = [.. Enumerable.Range(0, 50)];

        var single = Bootstrap.MeanByGroup(once, groups);
        var tenfold = Bootstrap.MeanByGroup(
            [.. once.SelectMany(v => Enumerable.Repeat(v, 10))], [.. groups.SelectMany(g => Enumerable.Repeat(g, 10))]);

        tenfold.Low.ShouldBe(single.Low, 1e-9);
        tenfold.High.ShouldBe(single.High, 1e-9);
    }

    [Fact]
    public void MeanByGroup_GroupMissing_Throws() =>
        Should.Throw<ArgumentException>(() => Bootstrap.MeanByGroup([1, 2], [0])).Message.ShouldContain("2 values, 1 groups");

    private static VerificationScores Overlapping(int genuine, int impostor)
    {
        var random = new Random(7);
        float Normal() => (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return new(
            [.. Enumerable.Range(0, genuine).Select(_ => Normal() + 1)],
            [.. Enumerable.Range(0, impostor).Select(_ => Normal())]);
    }

    // DeLong, DeLong and Clarke-Pearson (1988): the variances of the scores' placements in the other distribution.
    private static double DeLongStandardError(VerificationScores scores)
    {
        double[] genuine = [.. scores.Genuine.Select(g => scores.Impostor.Average(i => g > i ? 1 : g == i ? 0.5 : 0))];
        double[] impostor = [.. scores.Impostor.Select(i => scores.Genuine.Average(g => g > i ? 1 : g == i ? 0.5 : 0))];
        return Math.Sqrt(Variance(genuine) / genuine.Length + Variance(impostor) / impostor.Length);
    }

    private static double Variance(double[] values)
    {
        double mean = values.Average();
        return values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
    }
}
