namespace IpuNet.Faces.Reports;

/// <summary>One column of a table.</summary>
/// <param name="Heading">What stands above it.</param>
/// <param name="Numeric">True where the cells are numbers: they are set flush right.</param>
public sealed record ReportColumn(string Heading, bool Numeric = false);

/// <summary>A table as plain text, for whoever shows it: a terminal, a web page, a file.</summary>
public sealed class ReportTable
{
    private readonly List<IReadOnlyList<string>> _rows = [];

    /// <summary>Starts a table without rows.</summary>
    /// <param name="title">What the table shows, for its caption.</param>
    /// <param name="columns">At least one column.</param>
    public ReportTable(string title, params IReadOnlyList<ReportColumn> columns)
    {
        ArgumentException.ThrowIfNullOrEmpty(title);
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentOutOfRangeException.ThrowIfZero(columns.Count, nameof(columns));
        Title = title;
        Columns = columns;
    }

    /// <summary>What the table shows.</summary>
    public string Title { get; }

    /// <summary>The columns, from the left.</summary>
    public IReadOnlyList<ReportColumn> Columns { get; }

    /// <summary>The rows, from the top; each has as many cells as there are columns.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => _rows;

    /// <summary>Adds a row below the others.</summary>
    /// <param name="cells">As many as there are columns; an empty string where there is nothing to say.</param>
    /// <exception cref="ArgumentException">The number of cells is not the number of columns.</exception>
    public ReportTable Add(params IReadOnlyList<string> cells)
    {
        ArgumentNullException.ThrowIfNull(cells);
        if (cells.Count != Columns.Count)
            throw new ArgumentException($"The table '{Title}' has {Columns.Count} columns; the row has {cells.Count} cells.", nameof(cells));
        _rows.Add(cells);
        return this;
    }
}
