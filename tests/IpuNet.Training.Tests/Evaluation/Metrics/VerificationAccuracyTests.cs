using CsCheck;
using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Tests.Evaluation.Metrics;

public sealed class VerificationAccuracyTests
{
    private static readonly Gen<float[]> Scores = Gen.Int[-4, 4].Select(i => i / 4f).Array[1, 30];

    [Fact]
    public void At_HandComputedScores_CountsBothKindsOfRightDecision()
    {
        var scores = new VerificationScores([0.9f, 0.5f, 0.2f], [0.5f, 0.1f]);

        // At 0.5: 0.9 and 0.5 accepted, 0.1 refused; 0.2 and the impostor at 0.5 are wrong.
        VerificationAccuracy.At(scores, 0.5f).ShouldBe(3.0 / 5);
    }

    [Fact]
    public void Best_HandComputedScores_LiesHalfWayBetweenTheScoresItParts()
    {
        var best = VerificationAccuracy.Best(new([0.9f, 0.8f, 0.5f], [0.6f, 0.25f, 0.1f]));

        best.Accuracy.ShouldBe(5.0 / 6, 1e-12);
        best.Threshold.ShouldBe(0.7f, 1e-6f);
    }

    [Fact]
    public void Best_AnyScores_IsReachedByItsThresholdAndBeatenByNone() =>
        Gen.Select(Scores, Scores).Sample((genuine, impostor) =>
        {
            var scores = new VerificationScores(genuine, impostor);
            var best = VerificationAccuracy.Best(scores);
            double reachable = genuine.Concat(impostor).Append(float.PositiveInfinity).Max(t => VerificationAccuracy.At(scores, t));
            return Math.Abs(best.Accuracy - reachable) < 1e-12
                && Math.Abs(VerificationAccuracy.At(scores, best.Threshold) - best.Accuracy) < 1e-12;
        });

    [Fact]
    public void Best_NeighbouringFloats_StillPartsThem()
    {
        float impostor = 0.7f, genuine = MathF.BitIncrement(impostor);
        var scores = new VerificationScores([genuine], [impostor]);

        VerificationAccuracy.At(scores, VerificationAccuracy.Best(scores).Threshold).ShouldBe(1);
    }

    [Fact]
    public void CrossValidated_ThreeFolds_DecidesEachByTheOthers()
    {
        // Thresholds from the others: fold 1 by folds 2 and 3, whose best is (0.5 + 0.4) / 2 with all 4 right; fold 2 by 1 and 3,
        // (0.8 + 0.4) / 2 = 0.6, at which its genuine 0.5 is lost; fold 3 by 1 and 2, (0.5 + 0.2) / 2 = 0.35: its impostor passes.
        var folds = new[]
        {
            new VerificationScores([0.8f], [0.2f]),
            new VerificationScores([0.5f], [0.1f]),
            new VerificationScores([0.9f], [0.4f]),
        };

        var accuracy = VerificationAccuracy.CrossValidated(folds);

        accuracy.Folds.ShouldBe([1, 0.5, 0.5]);
        accuracy.Mean.ShouldBe(2.0 / 3, 1e-12);
        // Sample variance (1/9 + 1/36 + 1/36) / 2 = 1/12; over three folds 1/36.
        accuracy.StandardError.ShouldBe(1.0 / 6, 1e-12);
    }

    [Fact]
    public void CrossValidated_OneFold_Throws() =>
        Should.Throw<ArgumentOutOfRangeException>(() => VerificationAccuracy.CrossValidated([new([1f], [0f])]));

    [Fact]
    public void MeanScores_Scores_AreTheirMeans()
    {
        var scores = new VerificationScores([0.5f, 1f], [0.25f, -0.25f]);

        scores.MeanGenuine.ShouldBe(0.75);
        scores.MeanImpostor.ShouldBe(0);
    }
}
