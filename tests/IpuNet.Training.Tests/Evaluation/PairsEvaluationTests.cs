using System.Collections.Concurrent;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Training.Degradation;
using IpuNet.Training.Evaluation;
using IpuNet.Training.Evaluation.Protocols;
using IpuNet.Training.Evaluation.Reports;

namespace IpuNet.Training.Tests.Evaluation;

public sealed class PairsEvaluationTests(EvaluatedPairs evaluated) : IClassFixture<EvaluatedPairs>
{
    private static PairsOptions Options => EvaluatedPairs.Options;

    private SyntheticPeople People => evaluated.People;

    [Fact]
    public void Run_WithEnhancer_HasARowPerSizeAndTreatment()
    {
        var report = evaluated.Enhanced;

        report.Rows.Select(row => (row.Probe, row.Enhanced)).ShouldBe(
            [("8x6", false), ("8x6", true), ("24x24", false), ("24x24", true), ("HR", false), ("HR", true)]);
        report.GenuinePairs.ShouldBe(8);
        report.ImpostorPairs.ShouldBe(8);
    }

    [Fact]
    public void Run_WithoutEnhancer_HasNoEnhancedRows() =>
        evaluated.Plain.Rows.ShouldAllBe(row => !row.Enhanced);

    [Fact]
    public void Run_PatternsLostInSmallProbes_ScoreLowerThanWholeOnes()
    {
        var report = evaluated.Plain;

        report.Rows[2].MeanGenuine.ShouldBeGreaterThan(0.9);
        report.Rows[1].MeanGenuine.ShouldBeGreaterThan(report.Rows[0].MeanGenuine + 0.2);
        report.Rows.ShouldAllBe(row => Math.Abs(row.MeanImpostor) < 0.2);
        report.Rows[2].BestAccuracy.Value.ShouldBe(1);
        report.Rows[2].Auc.ShouldBe(new(1, 1, 1));
    }

    [Fact]
    public void Run_EnhancerThatRemembers_RaisesScoresAndQuality()
    {
        var report = evaluated.Enhanced;

        report.Rows[1].MeanGenuine.ShouldBeGreaterThan(report.Rows[0].MeanGenuine + 0.2);
        report.Rows[1].Psnr!.Value.ShouldBeGreaterThan(report.Rows[0].Psnr!.Value);
        report.Rows[1].Ssim!.Value.ShouldBeGreaterThan(report.Rows[0].Ssim!.Value);
    }

    [Fact]
    public void Run_ProbesLeftAsTheyAre_HaveNoQuality()
    {
        var row = evaluated.Plain.Rows[2];

        row.Psnr.ShouldBeNull();
        row.Ssim.ShouldBeNull();
    }

    [Fact]
    public void Run_ImagesInManyPairs_AreEmbeddedOnceACondition()
    {
        int embedded = 0;
        var counting = SyntheticPeople.Pipeline with
        {
            BatchSize = 5,
            Embed = faces =>
            {
                embedded += faces.Count;
                faces.Count.ShouldBeLessThanOrEqualTo(5);
                return SyntheticPeople.Pipeline.Embed(faces);
            },
        };

        EvaluatedPairs.Evaluate(counting, People);

        // 8 probes at 2 sizes and HR, which gallery images share: 8 x 2 more, no image twice.
        embedded.ShouldBe(8 * 3 + 8);
    }

    [Fact]
    public void Run_SecondImageAsProbe_IsTheSwappedProtocol()
    {
        var pairs = EvaluatedPairs.Protocol(People);
        var swapped = new PairsProtocol("test", [[.. pairs.Pairs.Select(pair => new FacePair(pair.Second, pair.First, pair.Genuine))]]);
        var evaluation = new PairsEvaluation(SyntheticPeople.Pipeline, SyntheticPeople.Alignment);

        var report = evaluation.Run(pairs, Options with { Probe = ProbeImage.Second }, cancellation: Cancellation);

        report.ProbeImage.ShouldBe(ProbeImage.Second);
        report.Rows[0].MeanGenuine.ShouldBe(evaluation.Run(swapped, Options, cancellation: Cancellation).Rows[0].MeanGenuine);
    }

    [Fact]
    public void Run_SeveralFolds_AreCrossValidated()
    {
        var single = EvaluatedPairs.Protocol(People);
        var folds = new PairsProtocol("folds", [single.Folds[0], single.Folds[0]]);

        var report = new PairsEvaluation(
            SyntheticPeople.Pipeline, SyntheticPeople.Alignment).Run(folds, Options, cancellation: Cancellation);

        report.Rows[2].CrossValidatedAccuracy.ShouldNotBeNull().Folds.ShouldBe([1, 1]);
        evaluated.Plain.Rows[2].CrossValidatedAccuracy.ShouldBeNull();
    }

    [Fact]
    public void Run_Calibration_UsesItsThresholds()
    {
        var calibration = evaluated.Plain;
        var shifted = calibration with { Protocol = "train", Rows = [.. calibration.Rows.Select(row => row with { BestThreshold = 2 })] };

        var report = new PairsEvaluation(SyntheticPeople.Pipeline, SyntheticPeople.Alignment)
            .Run(EvaluatedPairs.Protocol(People), Options with { Calibration = shifted }, cancellation: Cancellation);

        // No score reaches 2: every impostor is refused, and so is every genuine pair.
        report.CalibratedOn.ShouldBe("train");
        report.Rows.ShouldAllBe(row => row.CalibratedAccuracy!.Value == 0.5);
    }

    [Fact]
    public void Run_CalibrationOfAnotherRecogniser_IsRefused()
    {
        var calibration = evaluated.Plain with { Recogniser = "other@1" };

        Should.Throw<FaceDataException>(() => new PairsEvaluation(SyntheticPeople.Pipeline, SyntheticPeople.Alignment)
            .Run(
                EvaluatedPairs.Protocol(People), Options with { Calibration = calibration },
                cancellation: Cancellation)).Message.ShouldContain("other@1");
    }

    [Fact]
    public void Run_CalibrationWithoutASize_IsRefused()
    {
        var calibration = evaluated.Plain;

        Should.Throw<FaceDataException>(() => new PairsEvaluation(SyntheticPeople.Pipeline, SyntheticPeople.Alignment)
            .Run(
                EvaluatedPairs.Protocol(People), Options with { Calibration = calibration, Sizes = [new FaceSize(9, 9)] },
                cancellation: Cancellation)).Message.ShouldContain("9x9");
    }

    [Fact]
    public void Run_FewImpostors_SaysThatTheRateIsNotMeasurable() =>
        evaluated.Plain.Rows[0].TarAtFar.ShouldAllBe(tar => !tar.Measurable);

    [Fact]
    public void Run_ImageWithoutFace_ScoresMinusOneAndIsCounted()
    {
        string hidden = People.Image(0, 1);
        byte[] pixels = ImageDecoder.DecodeFile(hidden).Pixels;
        var alignment = new EvaluationAlignment("test", image => image.Pixels.AsSpan().SequenceEqual(pixels) ? null : image);

        var report = new PairsEvaluation(
            SyntheticPeople.Pipeline, alignment).Run(EvaluatedPairs.Protocol(People), Options, cancellation: Cancellation);

        report.ImagesWithoutFace.ShouldBe(1);
        report.Rows[2].BestAccuracy.Value.ShouldBe(15.0 / 16, 1e-9);
    }

    [Fact]
    public void Run_Progress_EndsAtTheTotal()
    {
        var reported = new ConcurrentQueue<EvaluationProgress>();

        new PairsEvaluation(SyntheticPeople.Pipeline, SyntheticPeople.Alignment).Run(
            EvaluatedPairs.Protocol(People), Options, new Immediate(reported.Enqueue), Cancellation);

        reported.Last().ShouldBe(new EvaluationProgress(32, 32));
    }

    [Fact]
    public void Run_Cancelled_Stops() =>
        Should.Throw<OperationCanceledException>(() => new PairsEvaluation(SyntheticPeople.Pipeline, SyntheticPeople.Alignment)
            .Run(EvaluatedPairs.Protocol(People), Options, cancellation: new CancellationToken(canceled: true)));

    [Fact]
    public void Run_DamagedImage_IsNamed()
    {
        using var people = new SyntheticPeople(people: 8, images: 2);
        File.WriteAllText(people.Image(3, 1), "no image");

        Should.Throw<FaceDataException>(
            () => EvaluatedPairs.Evaluate(SyntheticPeople.Pipeline, people)).Message.ShouldContain("P003_0001.jpg");
    }

    [Fact]
    public void ToJson_OfAReport_IsCamelCaseWithWordsForEnums()
    {
        string json = System.Text.Encoding.UTF8.GetString(EvaluationJson.ToJson(evaluated.Enhanced));

        json.ShouldContain("\"bestAccuracy\"");
        json.ShouldContain("\"probeImage\": \"first\"");
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private sealed class Immediate(Action<EvaluationProgress> report) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => report(value);
    }
}
