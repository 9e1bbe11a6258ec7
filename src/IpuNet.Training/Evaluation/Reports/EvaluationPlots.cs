using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Evaluation.Reports;

/// <summary>The reports' curves: a colour per size, dashed without SR.</summary>
internal static class EvaluationPlots
{
    // Below one false acceptance in ten thousand the sets in use have no scores to show.
    private const double LowestFar = 1e-4;

    /// <summary>ROC curves over a logarithmic FAR, which begins where the impostor pairs can just show one false acceptance.</summary>
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
        Curves(report.Rows, row => row.Probe, row => row.Enhanced, row => row.Cmc.Select((share, i) => (i + 1.0, share)), report.MatedProbes));

    private static Curve[] Curves<TRow>(
        IReadOnlyList<TRow> rows, Func<TRow, string> probe, Func<TRow, bool> enhanced, Func<TRow, IEnumerable<(double X, double Share)>> points, int trials)
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
