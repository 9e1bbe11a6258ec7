using System.Globalization;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;

namespace IpuNet.Benchmarks.Life;

/// <summary>What became of the uploads and of the switches.</summary>
internal sealed record LifeOutcome
{
    public required IReadOnlyList<string> Uploads { get; init; }

    public required IReadOnlyList<LifeResult> Results { get; init; }

    /// <summary>Results that are a mix of two models.</summary>
    public required int Mixed { get; init; }

    /// <summary>How many results were computed once more, and in how many of these the models can be told apart.</summary>
    public required (int Recomputed, int ToldApart) Checked { get; init; }

    /// <summary>The switches that were made.</summary>
    public required IReadOnlyList<ModelTurn> Turns { get; init; }

    /// <summary>How often the training was killed.</summary>
    public required int Kills { get; init; }

    /// <summary>Messages that are left in queues, and in their twins for poison.</summary>
    public required (int Left, int Poison) Messages { get; init; }

    private int Missing => Uploads.Except(Results.Select(result => result.Name)).Count();

    private int Surplus => Results.Select(result => result.Name).Except(Uploads).Count();

    private int NotOk => Results.Count(result => result.Answer.Status != ImageStatus.Ok || result.Answer.Faces.Count != 1);

    /// <summary>What is not as it has to be; none where all is.</summary>
    public IEnumerable<string> Faults()
    {
        if (Missing > 0)
            yield return Text($"{Missing} uploads have no result");
        if (Surplus > 0)
            yield return Text($"{Surplus} results are of no upload");
        if (NotOk > 0)
            yield return Text($"{NotOk} results do not have the one face of their crop");
        if (Mixed > 0)
            yield return Text($"{Mixed} results are a mix of two models");
        if (Messages.Left > 0)
            yield return Text($"{Messages.Left} messages are left");
        if (Messages.Poison > 0)
            yield return Text($"{Messages.Poison} messages are in poison");
        foreach (ModelTurn turn in Turns.Where(turn => !turn.IsQuick))
            yield return turn.FirstNew is null ? $"the {turn.Name} took no effect" : Text($"the {turn.Name} took more than {ModelTurn.Limit} s");
    }

    /// <summary>All of it as a table.</summary>
    public ReportTable Table()
    {
        var table = new ReportTable("The life of a model, under load", new("What"), new("", Numeric: true));
        Row("uploads", Uploads.Count);
        Row("results", Results.Count);
        Row("  not with one face and status ok", NotOk);
        foreach (var enhancer in Results.GroupBy(result => result.Enhancer).OrderBy(group => group.Key, StringComparer.Ordinal))
            Row($"  by {enhancer.Key}", enhancer.Count());
        Row("results that are a mix of two models", Mixed);
        Row("  of results computed once more", Checked.Recomputed);
        Row("  in which the models can be told apart", Checked.ToldApart);
        Row("messages left", Messages.Left);
        Row("messages in poison", Messages.Poison);
        Row("times the training was killed hard", Kills);
        foreach (ModelTurn turn in Turns)
        {
            table.Add($"{turn.Name}: first result of the new model, s", Seconds(turn.FirstNew));
            table.Add($"{turn.Name}: last result of the former model, s", Seconds(turn.LastFormer));
        }

        return table;

        void Row(string what, int count) => table.Add(what, Text($"{count:N0}"));
    }

    private static string Seconds(double? seconds) => seconds is { } value ? Text($"{value:0}") : "none";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
