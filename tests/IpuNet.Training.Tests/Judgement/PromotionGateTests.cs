using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Policies;
using IpuNet.Retraining.Judgement;
using IpuNet.Training.Tests.Evaluation;
using IpuNet.Training.Tests.Evaluation.Calibration;

namespace IpuNet.Training.Tests.Judgement;

public sealed class PromotionGateTests(CalibratedPeople calibrated) : IClassFixture<CalibratedPeople>
{
    private GatedModel Plain => new(SyntheticPeople.Pipeline, calibrated.Plain.Policy);

    private GatedModel Enhancing => new(calibrated.People.EnhancingPipeline, calibrated.Enhanced.Policy);

    [Fact]
    public void Decide_OfACandidateThatHelpsSmallFaces_PromotesIt()
    {
        IReadOnlyList<BandComparison> bands = Compare(Plain, Enhancing);

        var (promote, reason) = PromotionGate.Decide(bands);

        promote.ShouldBeTrue(reason);
        bands[0].ShouldSatisfyAllConditions(
            band => band.Band.ShouldBe("<12"),
            band => band.Verdict.ShouldBe(BandVerdict.Better),
            band => band.Candidate.Measures.Tar.Value.ShouldBeGreaterThan(band.Current.Measures.Tar.Value));
        reason.ShouldContain("held-out, <12 px: TAR");
    }

    [Fact]
    public void Decide_OfTheModelInUseItself_KeepsIt()
    {
        IReadOnlyList<BandComparison> bands = Compare(Enhancing, Enhancing);

        PromotionGate.Decide(bands).ShouldBe(
            (false, "It is not better than the model in use in any band, beyond the 95 % interval of the difference."));
        bands.ShouldAllBe(band => band.TarGain.Value == 0 && band.Verdict == BandVerdict.Same);
    }

    [Fact]
    public void Decide_OfACandidateThatDrawsNoise_KeepsTheModelInUseAndNamesTheBand()
    {
        var noise = SyntheticPeople.Pipeline with { Enhancer = "noise@1", Enhance = faces => [.. faces.Select(_ => Noise())] };

        var (promote, reason) = PromotionGate.Decide(Compare(Enhancing, new GatedModel(noise, EverywherePolicy)));

        promote.ShouldBeFalse();
        reason.ShouldStartWith("It is worse");
        reason.ShouldContain("held-out, <12 px: TAR");
        reason.ShouldContain("held-out, >=96 px: TAR");
    }

    [Fact]
    public void Decide_OfACandidateThatIsBetterHereAndWorseThere_KeepsTheModelInUse()
    {
        // Draws the right face for small probes, and noise for large ones.
        var mixed = SyntheticPeople.Pipeline with
        {
            Enhancer = "mixed@1",
            Enhance = faces =>
                [.. faces.Select(face => face.Height < 12 ? calibrated.People.EnhancingPipeline.Enhance!([face])[0] : Noise())],
        };

        IReadOnlyList<BandComparison> bands = Compare(Plain, new GatedModel(mixed, EverywherePolicy));

        bands[0].Verdict.ShouldBe(BandVerdict.Better);
        PromotionGate.Decide(bands).Promote.ShouldBeFalse();
    }

    [Fact]
    public void Compare_BandsThatNeitherEnhances_LeavesThemOut() =>
        Compare(Plain, Enhancing).Select(band => band.Band).ShouldBe(
            calibrated.Enhanced.Policy.Bands.Where(band => band.Enhance).Select(band => band.Band.Name));

    [Fact]
    public void ToPage_OfAComparison_ShowsItsFiguresAndTheDecision()
    {
        IReadOnlyList<BandComparison> bands = Compare(Plain, Enhancing);

        string page = new RetrainingPage
        {
            Candidate = "new@2",
            Current = "old@1",
            Decision = "It is better.",
            Facts = [("Experiment", "test")],
            Bands = bands,
            Calibration = calibrated.Enhanced,
        }.ToPage().ToString();

        string[] expected = [
            "new@2", "old@1", "It is better.", "Comparison with old@1: held-out", "better", "Thresholds of the candidate",
            bands[0].TarGain.ToString().Replace('\u00a0', ' ')[..5]];
        expected.ShouldAllBe(text => page.Contains(text));
    }

    private static RecognitionPolicy EverywherePolicy =>
        new("blocks@1", 0.01, ResolutionBand.All.Select(band => new BandPolicy(band, Enhance: true, Threshold: 0.5f)));

    private IReadOnlyList<BandComparison> Compare(GatedModel current, GatedModel candidate) =>
        new PromotionGate(current, candidate, SyntheticPeople.Alignment).Compare(
            "held-out", CalibratedPeople.Protocol(calibrated.People), cancellation: TestContext.Current.CancellationToken);

    private static RgbImage Noise()
    {
        var image = new RgbImage(128, 128);
        Random.Shared.NextBytes(image.Pixels);
        return image;
    }
}
