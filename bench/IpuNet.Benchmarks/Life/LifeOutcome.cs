using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Reports;

namespace IpuNet.Benchmarks.Life;

/// <summary>The outcome of a run: the uploads, their results, and the times of the switches.</summary>
internal sealed record LifeOutcome
{
    public required IReadOnlyList<string> Uploads { get; init; }

    public required IReadOnlyList<LifeResult> Results { get; init; }

    /// <summary>Number of results that are a mix of two models.</summary>
    public required int Mixed { get; init; }

    /// <summary>
    /// Number of results that were computed again, and number of those for which the two models make different pictures.
    /// </summary>
    public required (int Recomputed, int Distinguishable) Checked { get; init; }

    /// <summary>The switches of the models in use.</summary>
    public required IReadOnlyList<SwitchTimes> Switches { get; init; }

    /// <summary>Number of times that the training was killed.</summary>
    public required int Kills { get; init; }

    /// <summary>Number of messages left in the queues, and in their poison queues.</summary>
    public required (int Left, int Poison) Messages { get; init; }

    private int Missing => Uploads.Except(Results.Select(result => result.Name)).Count();

    private int WithoutUpload => Results.Select(result => result.Name).Except(Uploads).Count();

    private int NotOk => Results.Count(result => result.Answer.Status != ImageStatus.Ok || result.Answer.Faces.Count != 1);

    /// <summary>The faults of the run; empty if there are none.</summary>
    public IEnumerable<string> Faults()
    {
        if (Missing > 0)
            yield return Text($"{Missing} uploads have no result");
        if (WithoutUpload > 0)
            yield return Text($"{WithoutUpload} results have no upload");
        if (NotOk > 0)
            yield return Text($"{NotOk} results do not have the one face of their crop");
        if (Mixed > 0)
            yield return Text($"{Mixed} results are a mix of two models");
        if (Messages.Left > 0)
            yield return Text($"{Messages.Left} messages are left");
        if (Messages.Poison > 0)
            yield return Text($"{Messages.Poison} messages are in poison");
        foreach (SwitchTimes change in Switches.Where(change => !change.IsInTime))
        {
            yield return change.FirstNew is null
                ? $"the {change.Name} took no effect"
                : Text($"the {change.Name} took more than {SwitchTimes.Limit} s");
        }
    }

    /// <summary>The outcome as a table.</summary>
    public ReportTable Table()
    {
        var table = new ReportTable("The life of a model, under load", new("What"), new("Value", Numeric: true));
        Row("uploads", Uploads.Count);
        Row("results", Results.Count);
        Row("  without exactly one face, or not ok", NotOk);
        foreach (var enhancer in Results.GroupBy(result => result.Enhancer).OrderBy(group => group.Key, StringComparer.Ordinal))
            Row($"  by {enhancer.Key}", enhancer.Count());
        Row("results that are a mix of two models", Mixed);
        Row("  results computed again", Checked.Recomputed);
        Row("  of these with different pictures by the two models", Checked.Distinguishable);
        Row("messages left", Messages.Left);
        Row("messages in poison", Messages.Poison);
        Row("times the training was killed", Kills);
        foreach (SwitchTimes change in Switches)
        {
            table.Add($"{change.Name}: first result of the new model, s", Seconds(change.FirstNew));
            table.Add($"{change.Name}: last result of the former model, s", Seconds(change.LastFormer));
        }

        return table;

        void Row(string what, int count) => table.Add(what, Text($"{count:N0}"));
    }

    private static string Seconds(double? seconds) => seconds is { } value ? Text($"{value:0}") : "none";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
