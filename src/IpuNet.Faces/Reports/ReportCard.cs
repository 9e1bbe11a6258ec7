namespace IpuNet.Faces.Reports;

/// <summary>One finding of a report, with its pictures and what it was measured by.</summary>
/// <param name="Title">What was found.</param>
public sealed record ReportCard(string Title)
{
    /// <summary>A word that stands out beside the title; null for none.</summary>
    public string? Badge { get; init; }

    /// <summary>Whether the badge is good news.</summary>
    public bool IsGood { get; init; }

    /// <summary>Pictures side by side, all shown in one size, whole, however many pixels they have.</summary>
    public IReadOnlyList<ReportPicture> Pictures { get; init; } = [];

    /// <summary>Values that are compared with a limit, one below the other.</summary>
    public IReadOnlyList<ReportMeter> Meters { get; init; } = [];

    /// <summary>What stands small below all; null for nothing.</summary>
    public string? Note { get; init; }
}

/// <summary>A value on a scale, with the limit that it is compared with.</summary>
/// <param name="Label">Whose value it is.</param>
/// <param name="Value">The value as a text.</param>
/// <param name="Position">Where on the scale it lies, 0 to 1; what lies outside is shown at the end.</param>
/// <param name="Limit">Where on the scale the limit lies, 0 to 1.</param>
public sealed record ReportMeter(string Label, string Value, double Position, double Limit);

/// <summary>Something with what is to be said of it.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Badge">A word that stands out.</param>
/// <param name="Text">What is to be said.</param>
public sealed record ReportNote(string Name, string Badge, string Text);
