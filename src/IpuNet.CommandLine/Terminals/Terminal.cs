using System.Globalization;
using IpuNet.Faces.Reports;
using Spectre.Console;

namespace IpuNet.CommandLine.Terminals;

/// <summary>
/// What the user sees: results on standard output, everything else on standard error. On a terminal there is colour and a moving
/// progress bar; where a stream is redirected it gets plain lines.
/// </summary>
public sealed class Terminal
{
    // Lines that go to a file or another program are not broken.
    private const int NoWrap = 10_000;

    private readonly IAnsiConsole _out;

    /// <param name="output">Where results go.</param>
    /// <param name="errors">Where everything else goes.</param>
    public Terminal(TextWriter output, TextWriter errors)
    {
        (Output, Errors) = (output, errors);
        _out = Create(output);
        ErrorConsole = Create(errors);
    }

    /// <summary>For what other programs read, such as JSON.</summary>
    public TextWriter Output { get; }

    /// <summary>For what is neither a result nor a line of its own, such as help on a wrong command line.</summary>
    public TextWriter Errors { get; }

    /// <summary>Whether both streams reach the user's eyes, so that a progress bar would be drawn into the results.</summary>
    public bool ShowsOutput => _out.Profile.Out.IsTerminal;

    /// <summary>What draws progress.</summary>
    internal IAnsiConsole ErrorConsole { get; }

    /// <summary>Writes a line of the results.</summary>
    public void WriteLine(string text = "") => _out.WriteLine(Shown(text, lines: true));

    /// <summary>Says something that is no result.</summary>
    public void Note(string text) => ErrorConsole.WriteLine(Shown(text, lines: true));

    /// <summary>Says what the user is to know though all goes on.</summary>
    public void Warn(string text) => ErrorConsole.WriteLine($"warning: {OneLine(text)}", Color.Yellow);

    /// <summary>Says, in one line, what could not be done.</summary>
    public void Fail(string text) => ErrorConsole.WriteLine($"error: {OneLine(text)}", Color.Red);

    /// <summary>Writes a table of the results.</summary>
    public void Write(ReportTable table) => Write(_out, table);

    /// <summary>For tables that come while a progress bar is shown: it stays below them.</summary>
    public void WriteAboveProgress(ReportTable table) => Write(ErrorConsole, table);

    private static void Write(IAnsiConsole console, ReportTable table)
    {
        var drawn = new Table { Border = TableBorder.Simple };
        foreach (ReportColumn column in table.Columns)
            drawn.AddColumn(new TableColumn(new Text(column.Heading)) { Alignment = column.Numeric ? Justify.Right : Justify.Left });
        foreach (var row in table.Rows)
            drawn.AddRow(row.Select(cell => new Text(Shown(cell, lines: false))));
        console.WriteLine(Shown(table.Title, lines: false));
        console.Write(drawn);
    }

    private static IAnsiConsole Create(TextWriter writer)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (console.Profile.Out.IsTerminal)
            return console;
        console.Profile.Width = NoWrap;
        console.Profile.Capabilities.Ansi = console.Profile.Capabilities.Interactive = false;
        console.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
        return console;
    }

    private static string OneLine(string text) => Shown(text.ReplaceLineEndings(" "), lines: false);

    // Names of files and people come from anywhere: one that would move the cursor, colour the text, turn its direction or begin a line is shown by its numbers.
    private static string Shown(string text, bool lines) => text.Any(sign => IsHidden(sign, lines))
        ? string.Concat(text.Select(sign => IsHidden(sign, lines) ? $"\\u{(int)sign:X4}" : $"{sign}"))
        : text;

    private static bool IsHidden(char sign, bool lines) =>
        (char.IsControl(sign) && !(lines && sign == '\n')) || sign is '\u2028' or '\u2029'
        // Joiners are part of words and of emoji.
        || (char.GetUnicodeCategory(sign) == UnicodeCategory.Format && sign is not ('\u200C' or '\u200D'));
}
