using IpuNet.Faces.Reports;
using IpuNet.Training.Evaluation.Calibration;

namespace IpuNet.Training.Evaluation.Reports;

/// <summary>One page with everything that an evaluation found; what was not measured is left out.</summary>
public sealed record EvaluationReport
{
    private const string Bands = "Pale: 95 % intervals (Wilson) of the shares.";

    /// <summary>The page's heading.</summary>
    public required string Title { get; init; }

    /// <summary>Facts at the top: the model's version, what it was trained on, the date.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts { get; init; } = [];

    /// <summary>Verification, one report per protocol.</summary>
    public IReadOnlyList<PairsReport> Pairs { get; init; } = [];

    /// <summary>Identification; null without.</summary>
    public IdentificationReport? Identification { get; init; }

    /// <summary>The calibration of the recognition policy; null without.</summary>
    public CalibrationReport? Calibration { get; init; }

    /// <summary>The policy on another set; null without.</summary>
    public PolicyReport? Policy { get; init; }

    /// <summary>Before and after, see <see cref="PictureStrips"/>.</summary>
    public IReadOnlyList<ReportPicture> Pictures { get; init; } = [];

    /// <summary>The page.</summary>
    public HtmlPage ToPage()
    {
        var page = new HtmlPage(Title, "Low-resolution probes against a high-resolution gallery, without and with super-resolution (SR).");
        if (Facts.Count > 0)
            page.Facts(Facts);
        foreach (var report in Pairs)
            Add(page, report);
        if (Identification is not null)
            Add(page, Identification);
        if (Calibration is not null || Policy is not null)
            AddPolicy(page);
        if (Pictures.Count > 0)
            page.Section("Before and after").Pictures(Pictures);
        return page.Section("How to read this").Paragraph(
            "Values in brackets are 95 % confidence intervals: Wilson's for shares of pairs and probes, bootstrapped for AUC and TAR of pairs, and " +
            "bootstrapped over people for the thresholds' table. Probes are aligned faces of 128 px brought down by area averaging and rounded to " +
            "8 bit. PSNR and SSIM compare the enlarged or super-resolved probe with the aligned face.");
    }

    private static void Add(HtmlPage page, PairsReport report)
    {
        page.Section($"Verification: {report.Protocol}")
            .Facts([
                .. Used(report),
                ("Probe", report.ProbeImage == ProbeImage.First ? "the first image of each pair" : "the second image of each pair"),
            ])
            .Table(EvaluationTables.Of(report));
        page.Paragraph(
            "The accuracy at the best threshold is an upper bound: the threshold was chosen on these very pairs." +
            (report.CalibratedOn is { } set ? $" The accuracy at the threshold of {set} was not: it is what a fixed threshold gives on new people." : "") +
            (report.Rows.Any(row => row.CrossValidatedAccuracy is not null) ? " The cross-validated accuracy chooses the threshold for each fold on the others; ± is its standard error." : ""));
        if (report.Rows.Any(row => row.TarAtFar.Any(tar => !tar.Measurable)))
            page.Paragraph("Where it says at FAR 0, there are too few impostor pairs to accept a single one at that rate; the value is TAR without any false acceptance.");
        page.Picture(EvaluationPlots.Roc(report).Draw($"ROC on {report.Protocol}. Dashed: without SR. {Bands}"));
    }

    private static void Add(HtmlPage page, IdentificationReport report) => page
        .Section($"Identification: {report.Protocol}")
        .Facts(Used(report))
        .Table(EvaluationTables.Of(report))
        .Paragraph("DIR @ FAR is the share of probes of enrolled subjects that are named, and named rightly, at a threshold where the given share of strangers is named at all.")
        .Picture(EvaluationPlots.Cmc(report).Draw($"Cumulative match characteristic on {report.Protocol}. Dashed: without SR. {Bands}"));

    private void AddPolicy(HtmlPage page)
    {
        page.Section("Recognition policy");
        if (Calibration is not null)
        {
            page.Facts(Used(Calibration))
                .Table(EvaluationTables.Of(Calibration))
                .Paragraph(
                    "Each band has the threshold at which that share of all comparisons of two people is accepted. SR is used where TAR or AUC is higher with it " +
                    "beyond the interval of the difference, and neither is lower. In a gallery of N subjects a stranger is compared N times.");
        }

        if (Policy is not null)
        {
            page.Facts(Used(Policy))
                .Table(EvaluationTables.Of(Policy))
                .Paragraph("These people had no part in choosing the thresholds.");
        }
    }

    private static (string, string)[] Used(MeasuredReport report) =>
    [
        ("Recogniser", report.Recogniser),
        ("Enhancer", report.Enhancer ?? "none"),
        ("Alignment", report.Alignment),
        .. report.ImagesWithoutFace > 0 ? [("Images without a face", $"{report.ImagesWithoutFace} (their scores count as -1)")] : Array.Empty<(string, string)>(),
    ];
}
