using CsCheck;
using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Tests.Evaluation.Metrics;

public sealed class RocCurveTests
{
    // Few distinct values, so that ties are the rule.
    private static readonly Gen<float[]> Scores = Gen.Int[-4, 4].Select(i => i / 4f).Array[1, 30];

    [Fact]
    public void From_HandComputedScores_GivesEveryOperatingPoint()
    {
        var roc = RocCurve.From([0.9f, 0.8f, 0.6f, 0.3f], [0.7f, 0.4f, 0.3f, 0.1f]);

        roc.Points.ShouldBe(
        [
            new(float.PositiveInfinity, 0, 0),
            new(0.9f, 0, 0.25),
            new(0.8f, 0, 0.5),
            new(0.7f, 0.25, 0.5),
            new(0.6f, 0.25, 0.75),
            new(0.4f, 0.5, 0.75),
            new(0.3f, 0.75, 1),
            new(0.1f, 1, 1),
        ]);
    }

    [Fact]
    public void Area_HandComputedScores_CountsATieHalf() =>
        // Of the 16 pairs 4 + 4 + 3 + 1 are in order and one is a tie: 12.5 / 16.
        RocCurve.From([0.9f, 0.8f, 0.6f, 0.3f], [0.7f, 0.4f, 0.3f, 0.1f]).Area().ShouldBe(12.5 / 16, 1e-12);

    [Fact]
    public void Area_AnyScores_IsTheMannWhitneyStatistic() =>
        Gen.Select(Scores, Scores).Sample((genuine, impostor) =>
        {
            double wins = genuine.Sum(g => impostor.Sum(i => g > i ? 1.0 : g == i ? 0.5 : 0));
            return Math.Abs(RocCurve.From(genuine, impostor).Area() - wins / (genuine.Length * impostor.Length)) < 1e-12;
        });

    [Fact]
    public void AtFar_AnyScores_IsTheBestOfAllThresholdsWithinTheRate() =>
        Gen.Select(Scores, Scores, Gen.Double[0, 1]).Sample((genuine, impostor, far) =>
        {
            double expected = impostor.Concat(genuine).Append(float.PositiveInfinity)
                .Where(t => impostor.Count(s => s >= t) <= far * impostor.Length + 1e-9)
                .Max(t => (double)genuine.Count(s => s >= t) / genuine.Length);
            return RocCurve.From(genuine, impostor).AtFar(far).Tar == expected;
        });

    [Fact]
    public void AtFar_FewerImpostorsThanTheRateNeeds_AllowsNone()
    {
        var roc = RocCurve.From([0.9f, 0.5f], [0.6f, 0.1f]);

        roc.AtFar(0.001).ShouldBe(new RocPoint(0.9f, 0, 0.5));
    }

    [Fact]
    public void Corners_AnyScores_EncloseTheSameArea() =>
        Gen.Select(Scores, Scores).Sample((genuine, impostor) =>
        {
            var roc = RocCurve.From(genuine, impostor);
            var corners = roc.Corners();
            double area = corners.Zip(corners.Skip(1)).Sum(p => (p.Second.Far - p.First.Far) * (p.First.Tar + p.Second.Tar) / 2);
            return Math.Abs(area - roc.Area()) < 1e-12 && corners.Count <= roc.Points.Count;
        });

    [Fact]
    public void Corners_SeparatedScores_AreThree() =>
        RocCurve.From([0.9f, 0.8f, 0.7f], [0.3f, 0.2f, 0.1f]).Corners().ShouldBe([(0, 0), (0, 1), (1, 1)]);

    [Fact]
    public void From_NoImpostors_Throws() =>
        Should.Throw<ArgumentException>(() => RocCurve.From([1f], [])).ParamName.ShouldBe("impostor");

    [Fact]
    public void From_NotANumber_Throws() =>
        Should.Throw<ArgumentException>(() => RocCurve.From([0.1f, float.NaN], [1f])).Message.ShouldContain("not a number");
}
