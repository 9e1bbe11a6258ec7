using IpuNet.Contract;
using IpuNet.Faces.Policies;
using IpuNet.Faces.Recognition;

namespace IpuNet.Faces.Tests.Gallery;

public class MatchDecisionTests
{
    private static readonly RecognitionPolicy Policy = new(
        "r@1", 0.001, ResolutionBand.All.Select(band => new BandPolicy(band, false, band.MinHeight < 20 ? 0.95f : 0.9f)));

    [Fact]
    public void Of_BestScoreReachesTheThreshold_IsKnown()
    {
        var decision = MatchDecision.Of([new("ada", 0.9f), new("bob", 0.4f)], Policy, 40);

        decision.IsKnown.ShouldBeTrue();
        decision.Subject.ShouldBe(new GalleryMatch("ada", 0.9f));
    }

    [Fact]
    public void Of_SameScoreInAStricterBand_IsUnknownAndKeepsTheCandidates()
    {
        var decision = MatchDecision.Of([new("ada", 0.9f), new("bob", 0.4f)], Policy, 16.5f);

        decision.IsKnown.ShouldBeFalse();
        decision.Subject.ShouldBeNull();
        decision.Matches.Count.ShouldBe(2);
    }

    [Fact]
    public void Of_AnyMatches_StatesTheRuleUsed()
    {
        var decision = MatchDecision.Of([], Policy, 16);

        (decision.Band.Name, decision.Threshold, decision.Far).ShouldBe(("12-19", 0.95f, 0.001));
    }

    [Fact]
    public void Of_NoMatches_IsUnknown() => MatchDecision.Of([], Policy, 40).IsKnown.ShouldBeFalse();

    [Fact]
    public void Of_UnorderedMatches_TakesTheBest() =>
        MatchDecision.Of([new("bob", 0.4f), new("zoe", 0.97f), new("ada", 0.97f)], Policy, 40).Subject!.SubjectId.ShouldBe("ada");
}
