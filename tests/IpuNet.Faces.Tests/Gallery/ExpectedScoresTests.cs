using CsCheck;
using IpuNet.Faces.Policies;

namespace IpuNet.Faces.Tests.Gallery;

public sealed class ExpectedScoresTests
{
    [Fact]
    public void Of_Scores_GivesQuantilesOfThoseThatAreAccepted()
    {
        float[] genuine = [.. Enumerable.Range(0, 101).Select(i => 0.5f + i / 200f), 0.1f, 0.2f];

        var expected = ExpectedScores.Of(genuine, 0.5f)!;

        (expected.Low, expected.Median, expected.High).ShouldBe((0.55f, 0.75f, 0.95f));
        expected.Tar.ShouldBe(101f / 103);
    }

    [Fact]
    public void Of_TooFewScores_SaysNothing() => ExpectedScores.Of([.. Enumerable.Repeat(0.9f, 9)], 0.5f).ShouldBeNull();

    [Fact]
    public void PlaceOf_TheScoresThemselves_HasATenthAtEitherEnd() => Gen.Int[50, 400].SelectMany(
        count => Gen.Shuffle(Enumerable.Range(0, count).ToArray())).Sample(order =>
    {
        // All scores differ and come in any order.
        float[] scores = [.. order.Select(i => 0.5f + i / (2f * order.Length))];
        var expected = ExpectedScores.Of(scores, 0.5f)!;
        var places = scores.CountBy(expected.PlaceOf).ToDictionary();

        foreach (var (place, share) in ((string, double)[])[("low", 0.1), ("below-median", 0.4), ("above-median", 0.4), ("high", 0.1)])
            ((double)places.GetValueOrDefault(place) / scores.Length).ShouldBe(share, 2.0 / scores.Length);
    });
}
