using System.Globalization;
using IpuNet.Faces.Reports;
using IpuNet.Training.Evaluation.Calibration;
using IpuNet.Training.Evaluation.Reports;

namespace IpuNet.Retraining.Judgement;

/// <summary>
/// The report page of a retraining job: the decision and its figures, the candidate's thresholds, and pictures of both models side by side.
/// </summary>
public sealed record RetrainingPage
{
    /// <summary>Id of the candidate.</summary>
    public required string Candidate { get; init; }

    /// <summary>Id of the model in use.</summary>
    public required string Current { get; init; }

    /// <summary>The decision and its reason.</summary>
    public required string Decision { get; init; }

    /// <summary>Facts at the top of the page.</summary>
    public required IReadOnlyList<(string Name, string Value)> Facts { get; init; }

    /// <summary>The figures that decide.</summary>
    public required IReadOnlyList<BandComparison> Bands { get; init; }

    /// <summary>The candidate's thresholds and bands.</summary>
    public required CalibrationReport Calibration { get; init; }

    /// <summary>Faces that neither model was trained on, super-resolved by both.</summary>
    public IReadOnlyList<ReportPicture> Pictures { get; init; } = [];

    /// <summary>Makes the page.</summary>
    public HtmlPage ToPage()
    {
        var page = new HtmlPage($"Retraining: {Candidate}", Decision).Facts(Facts);
        foreach (var set in Bands.GroupBy(band => band.Set))
        {
            page.Section($"Comparison with {Current}: {set.Key}").Table(Table(set.Key, [.. set]));
            if (set.Count() > 1)
            {
                page.Picture(Plot(set.Key, [.. set]).Draw(
                    "The dashed curve is the model in use. The pale areas are the 95 % intervals, bootstrapped over people. The interval "
                    + "of the difference decides. It is narrower."));
            }
        }

        page.Section("Thresholds of the candidate").Table(EvaluationTables.Of(Calibration));
        if (Pictures.Count > 0)
            page.Section("Side by side").Pictures(Pictures);
        return page.Section("How to read this").Paragraph(
            "The candidate is promoted only if no band is worse than with the model in use, and at least one is better. Only differences "
            + "beyond their 95 % interval count. Both models get the same probes of people that neither was trained on. The thresholds of "
            + "the comparison are set on these people for both. Bands that neither model super-resolves are left out, because both do the "
            + "same there.");
    }

    private static ReportTable Table(string set, BandComparison[] bands)
    {
        var table = new ReportTable(
            $"By resolution band, {set}", new("Face height, px"), new("Probes", Numeric: true),
            new("TAR, in use", Numeric: true), new("TAR, candidate", Numeric: true), new("TAR, difference", Numeric: true),
            new("AUC, in use", Numeric: true), new("AUC, candidate", Numeric: true), new("AUC, difference", Numeric: true),
            new("Verdict"));
        foreach (BandComparison band in bands)
        {
            table.Add(
                band.Band, band.Probes.ToString("N0", CultureInfo.InvariantCulture), Text(band.Current.Measures.Tar.Value),
                Text(band.Candidate.Measures.Tar.Value), band.TarGain.ToString(),
                Text(band.Current.Measures.Auc.Value), Text(band.Candidate.Measures.Auc.Value), band.AucGain.ToString(),
                band.Verdict.ToString().ToLowerInvariant());
        }

        return table;
    }

    private CurvePlot Plot(string set, BandComparison[] bands)
    {
        return new CurvePlot(
            $"TAR over face height on {set}, the candidate and the model in use",
            new CurveAxis("Face height, px", bands[0].MinHeight, bands[^1].MaxHeight), "TAR (true accept rate)",
            [Curve(Candidate, band => band.Candidate, dashed: false), Curve(Current, band => band.Current, dashed: true)]);

        Curve Curve(string name, Func<BandComparison, BandOutcome> outcome, bool dashed) => new(
            name, [.. bands.Select(band => Point((band.MinHeight + band.MaxHeight) / 2.0, outcome(band)))], dashed ? 1 : 0, dashed);
    }

    private static CurvePoint Point(double height, BandOutcome outcome) =>
        new(height, outcome.Measures.Tar.Value, outcome.Measures.Tar.Low, outcome.Measures.Tar.High);

    private static string Text(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
