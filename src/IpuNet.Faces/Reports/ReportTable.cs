namespace IpuNet.Faces.Reports;

/// <summary>One column of a table.</summary>
/// <param name="Heading">The column's heading.</param>
/// <param name="Numeric">Whether the cells are numbers. Numbers are aligned to the right.</param>
public sealed record ReportColumn(string Heading, bool Numeric = false);

/// <summary>A table of plain text, for a terminal, a web page or a file.</summary>
public sealed class ReportTable
{
    private readonly List<IReadOnlyList<string>> _rows = [];

    /// <summary>Starts a table without rows.</summary>
    /// <param name="title">The caption.</param>
    /// <param name="columns">At least one column.</param>
    public ReportTable(string title, params IReadOnlyList<ReportColumn> columns)
    {
        ArgumentException.ThrowIfNullOrEmpty(title);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentOutOfRangeException.ThrowIfZero(columns.Count, nameof(columns));
        Title = title;
        Columns = columns;
    }

    /// <summary>The caption.</summary>
    public string Title { get; }

    /// <summary>The columns, from left to right.</summary>
    public IReadOnlyList<ReportColumn> Columns { get; }

    /// <summary>The rows, from top to bottom. Each row has one cell per column.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    /// <summary>Adds a row at the bottom.</summary>
    /// <param name="cells">One cell per column. An empty string leaves a cell empty.</param>
    /// <returns>This table.</returns>
    /// <exception cref="ArgumentException">The number of cells is not the number of columns.</exception>
    public ReportTable Add(params IReadOnlyList<string> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        if (cells.Count != Columns.Count)
            throw new ArgumentException(
                $"The table '{Title}' has {Columns.Count} columns; the row has {cells.Count} cells.", nameof(cells));
        _rows.Add(cells);
        return this;
    }
}

/// <summary>One finding of a report, with pictures and measured values.</summary>
/// <param name="Title">The title.</param>
public sealed record ReportCard(string Title)
{
    /// <summary>A highlighted word beside the title; null for none.</summary>
    public string? Badge { get; init; }

    /// <summary>Whether the badge is positive. It is then green.</summary>
    public bool IsGood { get; init; }

    /// <summary>Pictures side by side, all whole and displayed at the same size.</summary>
    public IReadOnlyList<ReportPicture> Pictures { get; init; } = [];

    /// <summary>Values with their limits, one below the other.</summary>
    public IReadOnlyList<ReportMeter> Meters { get; init; } = [];

    /// <summary>Small text at the bottom; null for none.</summary>
    public string? Note { get; init; }
}

/// <summary>A value and its limit, shown on a scale.</summary>
/// <param name="Label">The label.</param>
/// <param name="Value">The value as text.</param>
/// <param name="Position">The value's position on the scale, 0 to 1. A position outside is shown at the end.</param>
/// <param name="Limit">The limit's position on the scale, 0 to 1.</param>
public sealed record ReportMeter(string Label, string Value, double Position, double Limit);

/// <summary>A name with a badge and a text.</summary>
/// <param name="Name">The name.</param>
/// <param name="Badge">A highlighted word.</param>
/// <param name="Text">The text.</param>
public sealed record ReportNote(string Name, string Badge, string Text);
