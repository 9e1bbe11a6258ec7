using CsCheck;
using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Tests.Evaluation.Metrics;

public sealed class IdentificationTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 2)]
    [InlineData(1, 3)]
    public void Search_Mate_CountsThoseThatScoreHigher(int mate, int rank)
    {
        float[] scores = [0.9f, 0.1f, 0.6f];

        Identification.Search(scores, mate).ShouldBe(new MatedSearch(rank, scores[mate]));
    }

    [Fact]
    public void Search_Tie_CountsAgainstTheMate() =>
        Identification.Search([0.5f, 0.5f], mate: 0).Rank.ShouldBe(2);

    [Fact]
    public void WithinRank_Ranks_AreCountedCumulatively()
    {
        MatedSearch[] searches = [new(1, 0.9f), new(3, 0.5f), new(1, 0.8f), new(6, 0.2f)];

        Enumerable.Range(1, 6).Select(k => Identification.WithinRank(searches, k)).ShouldBe([2, 2, 3, 3, 3, 4]);
    }

    [Fact]
    public void DirAtFpir_HandComputedScores_NeedsRankOneAndTheThreshold()
    {
        MatedSearch[] mated = [new(1, 0.9f), new(1, 0.65f), new(1, 0.4f), new(2, 0.95f), new(1, 0.7f)];
        float[] nonMated = [0.8f, 0.6f, 0.3f, 0.2f];

        // One false name in four is allowed (0.8), so the threshold lies just above 0.6: 0.9, 0.65 and 0.7 are named.
        var point = Identification.DirAtFpir(mated, nonMated, 0.25);

        point.Detected.ShouldBe(3);
        point.Dir.ShouldBe(0.6);
        point.Fpir.ShouldBe(0.25);
        point.Threshold.ShouldBe(MathF.BitIncrement(0.6f));
    }

    [Fact]
    public void DirAtFpir_EverythingAllowed_IsRankOne() =>
        Gen.Select(Gen.Int[1, 4], Gen.Float[-1, 1]).Select((rank, score) => new MatedSearch(rank, score)).Array[1, 20].Sample(mated =>
            Identification.DirAtFpir(mated, [0.5f, 0.6f], 1).Detected == Identification.WithinRank(mated, 1));
}
