using IpuNet.Faces.Reports;

namespace IpuNet.Training.Evaluation.Reports;

/// <summary>The reports' curves: a colour per size, dashed without SR.</summary>
public static class EvaluationPlots
{
    // Below one false acceptance in ten thousand the sets in use have no scores to show.
    private const double LowestFar = 1e-4;

    /// <summary>ROC curves over a logarithmic FAR, which begins where the impostor pairs can just show one false acceptance.</summary>
    public static LinePlot Roc(PairsReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        double lowest = Math.Clamp(Math.Pow(10, Math.Floor(-Math.Log10(report.ImpostorPairs))), LowestFar, 0.1);
        return new(
            $"ROC curves on {report.Protocol}: true acceptance rate over false acceptance rate, one curve per probe size and treatment",
            new("False acceptance rate", lowest, 1, Logarithmic: true),
            new("True acceptance rate", 0, 1),
            Series(report.Rows, row => row.Probe, row => row.Enhanced, row => Steps(row.Roc)));
    }

    /// <summary>Cumulative match characteristics.</summary>
    public static LinePlot Cmc(IdentificationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        return new(
            $"Cumulative match characteristics on {report.Protocol}: share of probes found over rank, one curve per probe size and treatment",
            new("Rank", 1, Math.Max(2, report.Rows.Max(row => row.Cmc.Count))),
            new("Share of probes found", 0, 1),
            Series(report.Rows, row => row.Probe, row => row.Enhanced, row => [.. row.Cmc.Select((share, i) => (i + 1.0, share))]));
    }

    private static PlotSeries[] Series<TRow>(
        IReadOnlyList<TRow> rows, Func<TRow, string> probe, Func<TRow, bool> enhanced, Func<TRow, IReadOnlyList<(double, double)>> points)
    {
        string[] probes = [.. rows.Select(probe).Distinct()];
        return
        [
            .. rows.Select(row => new PlotSeries(
                EvaluationTables.Condition(probe(row), enhanced(row)), points(row), Array.IndexOf(probes, probe(row)), Dashed: !enhanced(row))),
        ];
    }

    // Where FAR and TAR rise together scores are tied, and only the ends can be reached; on a logarithmic axis the straight line
    // between them would bend, so that it is drawn level first.
    private static List<(double Far, double Tar)> Steps(IReadOnlyList<RocCorner> corners)
    {
        var steps = new List<(double, double)>();
        for (int i = 0; i < corners.Count; i++)
        {
            if (i > 0 && corners[i].Far > corners[i - 1].Far && corners[i].Tar > corners[i - 1].Tar)
                steps.Add((corners[i].Far, corners[i - 1].Tar));
            steps.Add((corners[i].Far, corners[i].Tar));
        }

        return steps;
    }
}
