using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Policies;
using IpuNet.Training.Degradation;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Reports;

namespace IpuNet.Training.Tests.Evaluation.Calibration;

public sealed class PolicyCalibrationTests(CalibratedPeople calibrated) : IClassFixture<CalibratedPeople>
{
    private SyntheticPeople People => calibrated.People;

    [Fact]
    public void Run_AnyPipeline_HasEveryBandAndItsImpostors()
    {
        var report = calibrated.Plain;

        report.Policy.Bands.Select(band => band.Band).ShouldBe(ResolutionBand.All);
        report.Policy.Recogniser.ShouldBe("blocks@1");
        report.Policy.Far.ShouldBe(0.01);
        report.Bands.ShouldAllBe(band => band.Genuine == 16 && band.Impostors == 16 * 15 && band.FarMeasurable);
        (report.Bands[0].MinHeight, report.Bands[0].MaxHeight).ShouldBe((6, 11));
        (report.Bands[5].MinHeight, report.Bands[5].MaxHeight).ShouldBe((96, 128));
    }

    [Fact]
    public void Run_WithoutEnhancer_NeverEnhances()
    {
        var report = calibrated.Plain;

        report.Policy.Bands.ShouldAllBe(band => !band.Enhance);
        report.Bands.ShouldAllBe(band => band.Enhanced == null && band.TarGain == null);
    }

    [Fact]
    public void Run_EnhancerThatHarms_IsBypassed()
    {
        var inverting = SyntheticPeople.Pipeline with { Enhancer = "inverts@1", Enhance = faces => [.. faces.Select(Invert)] };

        var report = CalibratedPeople.Calibrate(inverting, People);

        report.Policy.Bands.ShouldAllBe(band => !band.Enhance);
        report.Bands.ShouldAllBe(band => band.AucGain!.High < 0);
        report.Policy.Bands[3].Threshold.ShouldBe(report.Bands[3].Bicubic.Threshold);
    }

    [Fact]
    public void Run_EnhancerThatHelpsSmallFaces_IsUsedForThemOnly()
    {
        // Probes of 6 to 11 px show little more than light; from 96 px on there is nothing left to gain.
        var report = calibrated.Enhanced;

        report.Policy.Bands[0].Enhance.ShouldBeTrue();
        report.Policy.Bands[0].Threshold.ShouldBe(report.Bands[0].Enhanced!.Threshold);
        report.Policy.Bands[5].Enhance.ShouldBeFalse();
    }

    [Fact]
    public void Run_SameSeed_IsTheSame() =>
        EvaluationJson.ToJson(CalibratedPeople.Calibrate(
            SyntheticPeople.Pipeline, People)).ShouldBe(EvaluationJson.ToJson(calibrated.Plain));

    [Fact]
    public void Run_Thresholds_KeepToTheRateOnTheirOwnSet()
    {
        var report = calibrated.Enhanced;

        var check = new PolicyEvaluation(People.EnhancingPipeline, SyntheticPeople.Alignment).Run(
            report.Policy, CalibratedPeople.Protocol(People), CalibratedPeople.Options.Seed, cancellation: Cancellation);

        check.Bands.ShouldAllBe(band => band.Far.Value <= 0.01);
        check.Bands.Zip(report.Bands).ShouldAllBe(pair =>
            Math.Abs(pair.First.Tar.Value - (pair.First.Enhance ? pair.Second.Enhanced! : pair.Second.Bicubic).Tar.Value) < 1e-9);
    }

    [Fact]
    public void Run_OtherPeople_GiveTheRatesThere()
    {
        var policy = calibrated.Plain.Policy;
        using var others = new SyntheticPeople(people: 16, images: 2, seed: 99);

        var check = new PolicyEvaluation(
            SyntheticPeople.Pipeline, SyntheticPeople.Alignment).Run(policy, CalibratedPeople.Protocol(others), cancellation: Cancellation);

        check.StatedFar.ShouldBe(0.01);
        check.Bands.ShouldAllBe(band => band.Far.Value < 0.05 && band.Impostors == 16 * 15);
        check.Bands[5].Tar.Value.ShouldBe(1);
    }

    [Fact]
    public void Run_PolicyOfAnotherRecogniser_IsRefused()
    {
        var policy = calibrated.Plain.Policy;

        Should.Throw<FaceDataException>(
            () => new PolicyEvaluation(SyntheticPeople.Pipeline with { Recogniser = "other@1" }, SyntheticPeople.Alignment)
            .Run(policy, CalibratedPeople.Protocol(People), cancellation: Cancellation)).Message.ShouldContain("other@1");
    }

    [Fact]
    public void Run_PolicyThatEnhancesWithoutEnhancer_IsRefused()
    {
        var policy = calibrated.Enhanced.Policy;

        Should.Throw<FaceDataException>(() => new PolicyEvaluation(SyntheticPeople.Pipeline, SyntheticPeople.Alignment)
            .Run(policy, CalibratedPeople.Protocol(People), cancellation: Cancellation)).Message.ShouldContain("no enhancer");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static RgbImage Invert(RgbImage low)
    {
        var face = LowResolution.ToInput(low);
        return new(face.Width, face.Height, [.. face.Pixels.Select(p => (byte)(255 - p))]);
    }
}
