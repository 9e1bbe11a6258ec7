using IpuNet.Faces.Reports;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Evaluation.Reports;

/// <summary>One page with the results of an evaluation.</summary>
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
            "Values in brackets are 95 % confidence intervals: Wilson's for shares of pairs and probes, bootstrapped for AUC and TAR "
            + "of pairs, and " +
            "bootstrapped over people for the thresholds' table. Probes are aligned faces of 128 px brought down by area averaging and "
            + "rounded to " +
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
            (
                report.CalibratedOn is { } set
                    ? $" The accuracy at the threshold of {set} was not: it is what a fixed threshold gives on new people."
                    : "") +
            (
                report.Rows.Any(row => row.CrossValidatedAccuracy is not null)
                    ? " The cross-validated accuracy chooses the threshold for each fold on the others; ± is its standard error."
                    : ""));
        if (report.Rows.Any(row => row.TarAtFar.Any(tar => !tar.Measurable)))
            page.Paragraph(
                "Where it says at FAR 0, there are too few impostor pairs to accept a single one at that rate; the value is TAR "
                + "without any false acceptance.");
        page.Picture(EvaluationPlots.Roc(report).Draw($"ROC on {report.Protocol}. Dashed: without SR. {Bands}"));
    }

    private static void Add(HtmlPage page, IdentificationReport report) => page
        .Section($"Identification: {report.Protocol}")
        .Facts(Used(report))
        .Table(EvaluationTables.Of(report))
        .Paragraph(
            "DIR @ FAR is the share of probes of enrolled subjects that are named, and named rightly, at a threshold where the given "
            + "share of strangers is named at all.")
        .Picture(EvaluationPlots.Cmc(report).Draw($"Cumulative match characteristic on {report.Protocol}. Dashed: without SR. {Bands}"));

    private void AddPolicy(HtmlPage page)
    {
        page.Section("Recognition policy");
        if (Calibration is not null)
        {
            page.Facts(Used(Calibration))
                .Table(EvaluationTables.Of(Calibration))
                .Paragraph(
                    "Each band has the threshold at which that share of all comparisons of two people is accepted. SR is used where "
                    + "TAR or AUC is higher with it " +
                    "beyond the interval of the difference, and neither is lower. In a gallery of N subjects a stranger is compared N "
                    + "times.");
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
        .. report.ImagesWithoutFace > 0 ? [
            ("Images without a face", $"{report.ImagesWithoutFace} (their scores count as -1)")] : Array.Empty<(string, string)>(),
    ];
}

/// <summary>The reports' curves: a colour per size, dashed without SR.</summary>
internal static class EvaluationPlots
{
    // Below one false accept in ten thousand the sets in use have no scores to show.
    private const double LowestFar = 1e-4;

    /// <summary>ROC curves over a logarithmic FAR, which begins where the impostor pairs can just show one false accept.</summary>
    public static CurvePlot Roc(PairsReport report)
    {
        double lowest = Math.Clamp(Math.Pow(10, Math.Floor(-Math.Log10(report.ImpostorPairs))), LowestFar, 0.1);
        return new(
            $"ROC curves on {report.Protocol}: TAR over FAR, one curve per probe size and treatment",
            new("FAR (false accept rate)", lowest, 1, Logarithmic: true),
            "TAR (true accept rate)",
            Curves(report.Rows, row => row.Probe, row => row.Enhanced, row => Steps(row.Roc), report.GenuinePairs));
    }

    /// <summary>Cumulative match characteristics.</summary>
    public static CurvePlot Cmc(IdentificationReport report) => new(
        $"Cumulative match characteristics on {report.Protocol}: share of probes found over rank, one curve per probe size and treatment",
        new("Rank", 1, Math.Max(2, report.Rows.Max(row => row.Cmc.Count))),
        "Share of probes found",
        Curves(
            report.Rows, row => row.Probe, row => row.Enhanced, row => row.Cmc.Select((share, i) => (i + 1.0, share)), report.MatedProbes));

    private static Curve[] Curves<TRow>(
        IReadOnlyList<TRow> rows, Func<TRow, string> probe, Func<TRow, bool> enhanced, Func<TRow,
        IEnumerable<(double X, double Share)>> points, int trials)
    {
        string[] probes = [.. rows.Select(probe).Distinct()];
        return
        [
            .. rows.Select(row => new Curve(
                EvaluationTables.Condition(probe(row), enhanced(row)),
                [.. points(row).Select(point => WithBand(point.X, point.Share, trials))],
                Array.IndexOf(probes, probe(row)),
                Dashed: !enhanced(row))),
        ];
    }

    private static CurvePoint WithBand(double x, double share, int trials)
    {
        var measure = Measure.Share((int)Math.Round(share * trials), trials);
        return new(x, share, measure.Low, measure.High);
    }

    // Where FAR and TAR rise together scores are tied, and only the ends can be reached; on a logarithmic axis the straight line
    // between them would bend, so that it is drawn level first.
    private static IEnumerable<(double Far, double Tar)> Steps(IReadOnlyList<RocCorner> corners)
    {
        for (int i = 0; i < corners.Count; i++)
        {
            if (i > 0 && corners[i].Far > corners[i - 1].Far && corners[i].Tar > corners[i - 1].Tar)
                yield return (corners[i].Far, corners[i - 1].Tar);
            yield return (corners[i].Far, corners[i].Tar);
        }
    }
}
