using IpuNet.Faces.Reports;
using IpuNet.Training.Degradation;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Metrics;
using IpuNet.Training.Evaluation.Reports;
using IpuNet.Training.Tests.Evaluation.Calibration;

namespace IpuNet.Training.Tests.Evaluation.Reports;

public sealed class EvaluationReportTests(EvaluatedPairs pairs, CalibratedPeople calibrated) : IClassFixture<EvaluatedPairs>,
IClassFixture<CalibratedPeople>
{
    [Fact]
    public void Of_PairsReport_GivesEveryRowItsCells()
    {
        ReportTable table = EvaluationTables.Of(pairs.Enhanced);

        table.Columns.Select(column => column.Heading).ShouldBe(
        [
            "Probe", "Accuracy, best threshold", "AUC", "TAR @ FAR 1 %", "TAR @ FAR 0.1 %",
            "PSNR, dB", "SSIM", "Cosine, genuine", "Cosine, impostor",
        ]);
        table.Rows.Count.ShouldBe(6);
        table.Rows[1][0].ShouldBe("8x6 SR");
        table.Rows[4].Take(2).ShouldBe(["HR", "1.000 [0.806,\u00a01.000]"]);
        table.Rows[4][3].ShouldEndWith("(at\u00a0FAR\u00a00)");
    }

    [Fact]
    public void Of_CalibratedAndCrossValidated_NamesBothAccuracies()
    {
        var report = pairs.Plain with
        {
            CalibratedOn = "train",
            Rows = [.. pairs.Plain.Rows.Select(row => row with
            {
                CrossValidatedAccuracy = new CrossValidatedAccuracy(0.9, 0.01, [0.9, 0.9]),
                CalibratedAccuracy = new Measure(0.8, 0.7, 0.85),
            })],
        };

        ReportTable table = EvaluationTables.Of(report, intervals: false);

        table.Columns.Select(column => column.Heading).Skip(1).Take(3).ShouldBe(
            ["Accuracy, best threshold", "Accuracy, 2-fold", "Accuracy, threshold of train"]);
        table.Rows[0].Skip(2).Take(2).ShouldBe(["0.900 ± 0.010", "0.800"]);
    }

    [Fact]
    public void Of_CalibrationReport_SaysWhereSrIsUsed()
    {
        ReportTable table = EvaluationTables.Of(calibrated.Enhanced);

        table.Rows.Select(row => row[0]).ShouldBe(["<12", "12-19", "20-31", "32-47", "48-95", ">=96"]);
        table.Rows[0][1].ShouldBe("yes");
        table.Rows[5][1].ShouldBe("no");
    }

    [Fact]
    public void Of_PolicyReport_GivesTheActualRateInPercent()
    {
        var report = new PolicyReport
        {
            Protocol = "others",
            Recogniser = "r",
            Alignment = "a",
            StatedFar = 0.001,
            ImagesWithoutFace = 0,
            Bands = [new("<12", true, 0.9f, 10, 2000, new(0.0015, 0.001, 0.002), new(0.5, 0.4, 0.6))],
        };

        ReportTable table = EvaluationTables.Of(report);

        table.Title.ShouldBe("The thresholds for FAR 0.1 %, tried on others");
        table.Rows[0].ShouldBe(["<12", "yes", "0.9000", "0.150 [0.100,\u00a00.200]", "0.500 [0.400,\u00a00.600]", "10", "2,000"]);
    }

    [Fact]
    public void Roc_TiedScores_AreDrawnLevelFirst()
    {
        var row = pairs.Plain.Rows[0] with { Roc = [new(0, 0), new(0.5, 0.5), new(1, 1)] };

        var plot = EvaluationPlots.Roc(pairs.Plain with { Rows = [row] });

        plot.Curves.ShouldHaveSingleItem().Points.Select(
            point => (point.X, point.Y)).ShouldBe([(0, 0), (0.5, 0), (0.5, 0.5), (1, 0.5), (1, 1)]);
    }

    [Fact]
    public void Roc_SizesAndTreatments_ShareColoursBySize()
    {
        var plot = EvaluationPlots.Roc(pairs.Enhanced);

        plot.Curves.Select(curve => (curve.Name, curve.Colour, curve.Dashed)).Take(3).ShouldBe(
            [("8x6 bicubic", 0, true), ("8x6 SR", 0, false), ("24x24 bicubic", 1, true)]);
    }

    [Fact]
    public void Roc_AnyPoint_LiesInItsInterval() =>
        EvaluationPlots.Roc(pairs.Enhanced).Curves.SelectMany(
            curve => curve.Points).ShouldAllBe(point => point.Low <= point.Y && point.Y <= point.High);

    [Fact]
    public void Make_TwoSizes_HasARowEachAndFourColumns()
    {
        var pictures = PictureStrips.Make(
            [pairs.People.Image(0, 1)], pairs.People.EnhancingPipeline, SyntheticPeople.Alignment,
            [new FaceSize(8, 8), new FaceSize(16, 12)]);

        var picture = pictures.ShouldHaveSingleItem();
        var decoded = Faces.Imaging.ImageDecoder.Decode(picture.Data, "strip");
        (decoded.Width, decoded.Height).ShouldBe((4 * 128 + 3 * 4, 2 * 128 + 4));
        picture.Caption.ShouldBe("Across: low resolution, bicubic, SR, original. Down: 8x8, 16x12 px.");
    }

    [Fact]
    public void ToPage_Everything_HasEverySectionAndNoFileName()
    {
        var report = new EvaluationReport
        {
            Title = "ipunet@1",
            Facts = [("Trained on", "LFW & more")],
            Pairs = [pairs.Enhanced],
            Calibration = calibrated.Enhanced,
            Pictures = PictureStrips.Make(
                [pairs.People.Image(0, 1)], pairs.People.EnhancingPipeline, SyntheticPeople.Alignment, [new FaceSize(8, 8)]),
        };

        string html = report.ToPage().ToString();

        html.ShouldContain("<h2>Verification: test</h2>");
        html.ShouldContain("<h2>Recognition policy</h2>");
        html.ShouldContain("<h2>Before and after</h2>");
        html.ShouldContain("LFW &amp; more");
        html.ShouldContain("data:image/jpeg;base64,");
        html.ShouldContain("width=\"760\" src=\"data:image/png;base64,");
        html.ShouldNotContain(SyntheticPeople.Name(0));
    }
}
