using IpuNet.Faces.Reports;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Metrics;
using IpuNet.Training.Evaluation.Scenes;

namespace IpuNet.Training.Evaluation.Reports;

/// <summary>One page with the results of an evaluation.</summary>
public sealed record EvaluationReport
{
    private const string Bands = "The pale areas are the 95 % intervals (Wilson) of the shares.";

    /// <summary>The page's heading.</summary>
    public required string Title { get; init; }

    /// <summary>Facts at the top of the page, such as the version of the model, its training sets, and the date.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts { get; init; } = [];

    /// <summary>The verification reports, one for each protocol.</summary>
    public IReadOnlyList<PairsReport> Pairs { get; init; } = [];

    /// <summary>The identification report; null if there is none.</summary>
    public IdentificationReport? Identification { get; init; }

    /// <summary>The calibration of the recognition policy; null if there is none.</summary>
    public CalibrationReport? Calibration { get; init; }

    /// <summary>The outcome of the policy on another set; null if there is none.</summary>
    public PolicyReport? Policy { get; init; }

    /// <summary>Small faces in whole pictures; null without.</summary>
    public SceneReport? Scenes { get; init; }

    /// <summary>The pictures of faces before and after; see <see cref="PictureStrips"/>.</summary>
    public IReadOnlyList<ReportPicture> Pictures { get; init; } = [];

    /// <summary>Makes the page.</summary>
    public HtmlPage ToPage()
    {
        var page = new HtmlPage(Title, "Low-resolution probes against a high-resolution gallery, without and with super-resolution (SR).");
        if (Facts.Count > 0)
            page.Facts(Facts);
        if (Scenes is not null)
            Add(page, Scenes);
        foreach (var report in Pairs)
            Add(page, report);
        if (Identification is not null)
            Add(page, Identification);
        if (Calibration is not null || Policy is not null)
            AddPolicy(page);
        if (Pictures.Count > 0)
            page.Section("Before and after").Pictures(Pictures);
        return page.Section("How to read this").Paragraph(
            "Values in brackets are 95 % confidence intervals. Shares of pairs and of probes have Wilson's interval. AUC and TAR of pairs "
            + "have a bootstrapped interval. The values in the table of thresholds are bootstrapped over people. A probe is an aligned "
            + "face of 128 px, made small by area averaging and rounded to 8 bit. PSNR and SSIM compare the enlarged or super-resolved "
            + "probe with the aligned face.");
    }

    private static void Add(HtmlPage page, SceneReport report)
    {
        page.Section($"Scenes: {report.Protocol}")
            .Facts(Used(report))
            .Paragraph(
                "Whole photos, shrunk until the face has the given height, stand in frames of 640 x 480 px. The pipeline that serves "
                + "finds, aligns, super-resolves, embeds and names the faces. A face that was not found gets no name.")
            .Table(EvaluationTables.Found(report));
        int[] galleries = [.. report.Rows.SelectMany(row => row.Naming).Select(naming => naming.Subjects).Distinct()];
        foreach (int subjects in galleries)
        {
            page.Table(EvaluationTables.Named(report, subjects))
                .Picture(EvaluationPlots.Rank1(report, subjects).Draw($"Rank 1 among {subjects} people. Dashed: without SR. {Bands}"));
        }

        if (report.Mistakes.Count > 0)
        {
            page.Section("Scenes: mistakes");
            foreach (var picture in report.Mistakes)
                page.Picture(picture);
        }
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
            "The accuracy at the best threshold is an upper bound, because the threshold was chosen on these pairs." +
            (
                report.CalibratedOn is { } set
                    ? $" The threshold of {set} was not chosen on these pairs. Its accuracy is that of a fixed threshold on new people."
                    : "") +
            (
                report.Rows.Any(row => row.CrossValidatedAccuracy is not null)
                    ? " In the cross-validated accuracy, the threshold of each fold is chosen on the other folds. ± is the standard error."
                    : ""));
        if (report.Rows.Any(row => row.TarAtFar.Any(tar => !tar.Measurable)))
            page.Paragraph(
                "At a value marked 'at FAR 0', there are too few impostor pairs to accept even one at that FAR. The value is then the TAR "
                + "without any false accept.");
        page.Picture(EvaluationPlots.Roc(report).Draw($"ROC curves on {report.Protocol}. Dashed curves are without SR. {Bands}"));
    }

    private static void Add(HtmlPage page, IdentificationReport report) => page
        .Section($"Identification: {report.Protocol}")
        .Facts(Used(report))
        .Table(EvaluationTables.Of(report))
        .Paragraph(
            "DIR @ FPIR (detection-and-identification rate) is the share of enrolled probes that get the right name. The threshold is set "
            + "so that at most the given share (FPIR) of the probes of other people get a name."
            + (
                report.Rows.Any(row => row.DirAtFpir.Any(dir => !dir.Measurable))
                    ? " At a value marked 'at FPIR 0', there are too few probes of other people to name even one at that FPIR. The value "
                        + "is then the DIR without any false name."
                    : ""))
        .Picture(EvaluationPlots.Cmc(report).Draw(
            $"Cumulative match characteristics on {report.Protocol}. Dashed curves are without SR. {Bands}"));

    private void AddPolicy(HtmlPage page)
    {
        page.Section("Recognition policy");
        if (Calibration is not null)
        {
            page.Facts(Used(Calibration))
                .Table(EvaluationTables.Of(Calibration))
                .Paragraph(
                    "At the threshold of a band, the given share (FAR) of all comparisons of two different people is accepted. A band uses "
                    + "SR if SR raises TAR or AUC and lowers neither. A difference counts if its interval leaves out 0. In a gallery of "
                    + "N subjects, a stranger is compared N times.");
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

/// <summary>The curves of the reports. Each size has a colour. Curves without SR are dashed.</summary>
internal static class EvaluationPlots
{
    // The sets in use have too few impostor scores to show a FAR below one in ten thousand.
    private const double LowestFar = 1e-4;

    /// <summary>
    /// ROC curves over a logarithmic FAR. The axis begins at about the lowest FAR that the impostor pairs can show: one false accept.
    /// </summary>
    public static CurvePlot Roc(PairsReport report)
    {
        double lowest = Math.Clamp(Math.Pow(10, Math.Floor(-Math.Log10(report.ImpostorPairs))), LowestFar, 0.1);
        return new(
            $"ROC curves on {report.Protocol}: TAR over FAR, one curve per probe size and treatment",
            new("FAR (false accept rate)", lowest, 1, Logarithmic: true),
            "TAR (true accept rate)",
            Curves(report.Rows, row => row.Probe, row => row.Enhanced, row => Steps(row.Roc), report.GenuinePairs));
    }

    /// <summary>Rank-1 rates over the faces' height, a curve for each condition, with super-resolution by the policy and without.</summary>
    public static CurvePlot Rank1(SceneReport report, int subjects)
    {
        string[] conditions = [.. report.Rows.Select(row => row.Condition).Distinct()];
        int[] heights = [.. report.Rows.Select(row => row.Height).Distinct()];
        return new(
            $"Rank-1 rate over face height in a gallery of {subjects} people, one curve per condition and treatment",
            new("Face height, px", heights.Min(), Math.Max(heights.Max(), heights.Min() + 1)),
            "Rank-1 rate",
            [
                .. from condition in conditions
                   from treatment in (string[])[SceneNaming.ByPolicy, SceneNaming.Without]
                   select new Curve(
                       treatment == SceneNaming.Without ? $"{condition}, no SR" : condition,
                       [
                           .. report.Rows.Where(row => row.Condition == condition).OrderBy(row => row.Height).Select(row =>
                           {
                               Measure rank1 = row.Naming.First(n => n.Subjects == subjects && n.Treatment == treatment).Rank1;
                               return new CurvePoint(row.Height, rank1.Value, rank1.Low, rank1.High);
                           }),
                       ],
                       Array.IndexOf(conditions, condition),
                       Dashed: treatment == SceneNaming.Without),
            ]);
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

    // FAR and TAR rise together where scores are equal. No threshold reaches a point between the two ends. A straight line between them
    // would also bend on a logarithmic axis. So the curve first goes level, then up.
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
