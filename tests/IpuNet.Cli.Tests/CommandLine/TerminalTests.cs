using CsCheck;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Reports;

namespace IpuNet.Cli.Tests.CommandLine;

public sealed class TerminalTests : IDisposable
{
    private const int Columns = 60;

    // Tables as the commands print them: up to ten columns, words that fit into a line, and many or none in a cell.
    private static readonly Gen<string> AnyCell =
        Gen.String[Gen.Char['a', 'z'], 1, 40].Array[0, 8].Select(words => string.Join(' ', words));

    private static readonly Gen<ReportColumn> AnyColumn = Gen.Select(
        Gen.String[Gen.Char['A', 'Z'], 1, 12], Gen.Bool, (heading, isNumeric) => new ReportColumn(heading, isNumeric));

    private static readonly Gen<ReportTable> AnyTable = Gen.Int[1, 10].SelectMany(columns => Gen.Select(
        AnyColumn.Array[columns],
        AnyCell.Array[columns].Array[1, 5],
        (headings, rows) =>
        {
            var table = new ReportTable("Table", headings);
            foreach (string[] row in rows)
                table.Add(row);
            return table;
        }));

    private readonly StringWriter _output = new(), _errors = new();

    [Theory]
    [InlineData("red\u001b[31m.jpg", "red\\u001B[31m.jpg")]
    [InlineData("two\nlines.jpg", "two\\u000Alines.jpg")]
    [InlineData("turned\u202Egpj.exe", "turned\\u202Egpj.exe")]
    [InlineData("\u0085\u2028.jpg", "\\u0085\\u2028.jpg")]
    [InlineData("Zoë \U0001F469\u200D\U0001F680.jpg", "Zoë \U0001F469\u200D\U0001F680.jpg")]
    public void Write_ATableWithAName_ShowsByTheirNumbersTheSignsThatWouldMoveOrColourText(string name, string shown)
    {
        var table = new ReportTable("Faces", new ReportColumn("Image"));
        table.Add(name);

        new Terminal(_output, _errors).Write(table);

        _output.ToString().Split('\n').ShouldContain(line => line.Trim() == shown);
    }

    [Fact]
    public void Write_AnyTableAt60Columns_KeepsEveryWordWhole() => AnyTable.Sample(table =>
    {
        using StringWriter output = new(), errors = new();

        new Terminal(output, errors, Columns).Write(table);

        string[] lines = output.ToString().Split('\n');
        lines.ShouldAllBe(line => line.TrimEnd().Length <= Columns);
        var shown = lines.SelectMany(Words).Select(word => word.TrimEnd(':')).ToList();
        foreach (string word in table.Rows.SelectMany(row => row.SelectMany(Words)))
            shown.Remove(word).ShouldBeTrue($"'{word}' is missing in\n{output}");
        var filled = Enumerable.Range(0, table.Columns.Count).Where(i => table.Rows.Any(row => row[i].Length > 0));
        foreach (string word in filled.SelectMany(i => Words(table.Columns[i].Heading)))
            shown.ShouldContain(word, $"in\n{output}");
    }, iter: 300);

    [Fact]
    public void Write_ATableThatFits_SetsItsColumnsSideBySide()
    {
        var table = new ReportTable("Batch cam-7", new("Result"), new("Files", Numeric: true), new("Why"));
        table.Add("rejected", "12", "the files are empty, or they are videos, or both at once");

        new Terminal(_output, _errors, Columns).Write(table);

        _output.ToString().Split('\n').Count(line => line.Contains("rejected", StringComparison.Ordinal)
            && line.Contains("12", StringComparison.Ordinal) && line.Contains("the files are", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public void Write_WithJson_WritesEachRowAsALineAndTextToStandardError()
    {
        var terminal = new Terminal(_output, _errors) { PrintsJson = true };

        terminal.Write(new ReportTable("Batch", new("Last change, UTC"), new("Face px", Numeric: true), new("Speed", Numeric: true))
            .Add("Zoë's", "1,016.50", "12/s").Add("", "", ""));
        terminal.WriteLine("Done.");

        _output.ToString().ShouldBe(
            """
            {"table":"Batch","lastChangeUtc":"Zoë's","facePx":1016.50,"speed":"12/s"}
            {"table":"Batch","lastChangeUtc":null,"facePx":null,"speed":null}

            """,
            StringCompareShould.IgnoreLineEndings);
        _errors.ToString().ShouldBe("Done.\n", StringCompareShould.IgnoreLineEndings);
    }

    [Fact]
    public void Fail_WithAName_ShowsItInOneLineWithoutColourOfItsOwn()
    {
        new Terminal(_output, _errors).Fail("a\nb\u001b[2J: is no image.");

        _errors.ToString().ShouldBe("error: a b\\u001B[2J: is no image.\n");
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    public void Dispose()
    {
        _output.Dispose();
        _errors.Dispose();
    }
}
