using IpuNet.Faces.Reports;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace IpuNet.CommandLine.Terminals;

/// <summary>
/// Draws a table within a terminal's width. No word is broken that fits into a line. Where the columns do not fit side by side, each row
/// becomes a list of headings and cells.
/// </summary>
internal static class TableText
{
    // Spectre puts a border or a gap before, between and behind the columns, and a space on both sides of each.
    private const int BesideEachColumn = 3, BesideAll = 1;

    private const int Indent = 2;

    /// <param name="console">The terminal.</param>
    /// <param name="table">The table.</param>
    /// <param name="shown">Makes a text harmless.</param>
    public static void Write(IAnsiConsole console, ReportTable table, Func<string, string> shown)
    {
        console.WriteLine(shown(table.Title));
        IRenderable[][] rows = [.. table.Rows.Select(row => row.Select(cell => (IRenderable)new Text(shown(cell))).ToArray())];
        if (Widths(console, table, rows) is { } widths)
            console.Write(Grid(table, rows, widths));
        else
            WriteLists(console, table, shown);
    }

    private static Table Grid(ReportTable table, IRenderable[][] rows, int[] widths)
    {
        var grid = new Table { Border = TableBorder.Simple };
        for (int i = 0; i < widths.Length; i++)
        {
            grid.AddColumn(new TableColumn(new Text(table.Columns[i].Heading))
            {
                Alignment = table.Columns[i].Numeric ? Justify.Right : Justify.Left,
                Width = widths[i],
            });
        }

        foreach (IRenderable[] row in rows)
            grid.AddRow(row);
        return grid;
    }

    // The widths of the columns without a broken word; null if the columns do not fit.
    private static int[]? Widths(IAnsiConsole console, ReportTable table, IRenderable[][] rows)
    {
        int room = console.Profile.Width - BesideAll - BesideEachColumn * table.Columns.Count;
        RenderOptions options = RenderOptions.Create(console, console.Profile.Capabilities);
        int[] widths = new int[table.Columns.Count], least = new int[table.Columns.Count];
        for (int i = 0; i < widths.Length; i++)
        {
            var column = rows.Select(row => row[i]).Prepend(new Text(table.Columns[i].Heading));
            Measurement[] cells = [.. column.Select(cell => cell.Measure(options, int.MaxValue))];
            (widths[i], least[i]) = (cells.Max(cell => cell.Max), cells.Max(cell => cell.Min));
        }

        if (least.Sum() > room)
            return null;
        // The widest column that has a place to break gives way, column by column of the terminal.
        for (int excess = widths.Sum() - room; excess > 0; excess--)
            widths[Enumerable.Range(0, widths.Length).Where(i => widths[i] > least[i]).MaxBy(i => widths[i])]--;
        return widths;
    }

    private static void WriteLists(IAnsiConsole console, ReportTable table, Func<string, string> shown)
    {
        foreach (var row in table.Rows)
        {
            console.WriteLine();
            for (int i = 0; i < row.Count; i++)
            {
                if (row[i].Length > 0)
                    console.Write(new Padder(new Text($"{table.Columns[i].Heading}: {shown(row[i])}"), new Padding(Indent, 0, 0, 0)));
            }
        }

        console.WriteLine();
    }
}
