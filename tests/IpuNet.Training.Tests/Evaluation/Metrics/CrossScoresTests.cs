using CsCheck;
using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Tests.Evaluation.Metrics;

public sealed class CrossScoresTests
{
    // Two subjects; the third probe is a stranger.
    private static readonly CrossScores Scores = CrossScores.Part(
        [[0.9f, 0.2f], [0.4f, 0.3f], [0.5f, 0.1f]], [0, 1, null]);

    [Fact]
    public void Part_ProbesAndStranger_PartsGenuineFromImpostor()
    {
        Scores.Genuine.ShouldBe([0.9f, 0.3f]);
        Scores.People.ShouldBe([0, 1]);
        Scores.ProbePeople.ShouldBe([0, 1, -3]);
        Scores.ImpostorCount.ShouldBe(4);
    }

    [Fact]
    public void ThresholdAt_OneOfFour_LetsOneThrough() =>
        Scores.ThresholdAt(0.25).ShouldBe(MathF.BitIncrement(0.4f));

    [Fact]
    public void AcceptedAt_Threshold_IsOneOrZeroAProbe() => Scores.AcceptedAt(0.5f).ShouldBe([1, 0]);

    [Fact]
    public void FalselyAcceptedAt_Threshold_IsTheShareOfEachProbesImpostors() =>
        Scores.FalselyAcceptedAt(0.4f).ShouldBe([0, 1, 0.5]);

    [Fact]
    public void Placements_AnyScores_AverageToTheAreaUnderTheCurve() =>
        Gen.Int[-4, 4].Select(i => i / 4f).Array[2, 6].Array[1, 6].Sample(rows =>
        {
            int subjects = rows.Min(row => row.Length);
            float[][] scores = [.. rows.Select(row => row[..subjects])];
            int?[] mates = [.. scores.Select((_, i) => (int?)(i % subjects))];
            var parted = CrossScores.Part(scores, mates);
            float[] impostors = [.. scores.SelectMany((row, i) => row.Where((_, subject) => subject != mates[i]))];
            double area = RocCurve.From([.. parted.Genuine], impostors).Area();
            return Math.Abs(parted.Placements().Average() - area) < 1e-9;
        });

    [Fact]
    public void Part_OneSubject_Throws() =>
        Should.Throw<ArgumentException>(() => CrossScores.Part([[1f]], [0])).Message.ShouldContain("second subject");
}
