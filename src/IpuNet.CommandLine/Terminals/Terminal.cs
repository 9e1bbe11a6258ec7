using System.Globalization;
using IpuNet.Faces.Reports;
using Spectre.Console;

namespace IpuNet.CommandLine.Terminals;

/// <summary>
/// What the user sees: results on standard output, everything else on standard error. A terminal shows colour and a progress bar; a
/// redirected stream gets plain lines.
/// </summary>
public sealed class Terminal
{
    // A line for a file or another program is never wrapped.
    private const int NoWrap = 10_000;

    private readonly IAnsiConsole _out;

    /// <param name="output">Gets the results.</param>
    /// <param name="errors">Gets everything else.</param>
    /// <param name="width">Width in columns; null for the terminal's, and for no limit in a redirected stream.</param>
    public Terminal(TextWriter output, TextWriter errors, int? width = null)
    {
        (Output, Errors) = (output, errors);
        _out = Create(output, width);
        ErrorConsole = Create(errors, width);
    }

    /// <summary>Standard output, as it is.</summary>
    public TextWriter Output { get; }

    /// <summary>Standard error, as it is.</summary>
    public TextWriter Errors { get; }

    /// <summary>Whether standard output is a terminal, where a progress bar would be drawn into the results.</summary>
    public bool ShowsOutput => _out.Profile.Out.IsTerminal;

    /// <summary>Whether standard output gets JSON Lines alone: see <see cref="JsonOption"/>.</summary>
    public bool PrintsJson { get; set; }

    /// <summary>The console that draws progress.</summary>
    internal IAnsiConsole ErrorConsole { get; }

    /// <summary>Writes a line of the results; with --json, it goes to standard error.</summary>
    public void WriteLine(string text = "") => (PrintsJson ? ErrorConsole : _out).WriteLine(Shown(text, lines: true));

    /// <summary>Writes a JSON document as one line of the results.</summary>
    /// <param name="json">UTF-8.</param>
    public void WriteJson(ReadOnlyMemory<byte> json) => Output.WriteLine(JsonLine.Of(json));

    /// <summary>Writes a line that is not a result.</summary>
    public void Note(string text) => ErrorConsole.WriteLine(Shown(text, lines: true));

    /// <summary>Writes a warning in one line.</summary>
    public void Warn(string text) => ErrorConsole.WriteLine($"warning: {OneLine(text)}", Color.Yellow);

    /// <summary>Writes an error in one line.</summary>
    public void Fail(string text) => ErrorConsole.WriteLine($"error: {OneLine(text)}", Color.Red);

    /// <summary>
    /// Writes the last line of a command that did not do all: how many of its things failed. Nothing if none did. Each of them has its own
    /// line, or its own row of a table, above.
    /// </summary>
    /// <param name="failed">How many failed.</param>
    /// <param name="total">How many there are.</param>
    /// <param name="one">The word for one of them.</param>
    /// <param name="what">What happened to those that failed, as the end of a sentence, such as "could not be used".</param>
    public void SumUp(int failed, int total, string one, string what)
    {
        if (failed > 0)
            Fail($"{Counted.Of(failed, total, one)} {what}.");
    }

    /// <summary>A time for a cell of a table, UTC: for people to the minute, with --json as ISO 8601.</summary>
    public string TextOf(DateTimeOffset time) => time.UtcDateTime.ToString(
        PrintsJson ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>Writes a table of the results; with --json, one line for each row.</summary>
    public void Write(ReportTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (!PrintsJson)
        {
            TableText.Write(_out, table, Shown);
            return;
        }

        foreach (string line in JsonLine.OfRows(table))
            Output.WriteLine(line);
    }

    /// <summary>Writes a table while a progress bar is shown, which stays below the table.</summary>
    public void WriteAboveProgress(ReportTable table)
    {
        if (PrintsJson)
            Write(table);
        else
            TableText.Write(ErrorConsole, table, Shown);
    }

    private static IAnsiConsole Create(TextWriter writer, int? width)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (console.Profile.Out.IsTerminal)
            return console;
        console.Profile.Width = width ?? NoWrap;
        console.Profile.Capabilities.Ansi = console.Profile.Capabilities.Interactive = false;
        console.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
        return console;
    }

    private static string OneLine(string text) => Shown(text.ReplaceLineEndings(" "));

    // Names of files and people come from anywhere. A character that moves the cursor, colours the text, turns its direction or begins a
    // line is shown as its number.
    private static string Shown(string text) => Shown(text, lines: false);

    private static string Shown(string text, bool lines) => text.Any(sign => IsHidden(sign, lines))
        ? string.Concat(text.Select(sign => IsHidden(sign, lines) ? $"\\u{(int)sign:X4}" : $"{sign}"))
        : text;

    private static bool IsHidden(char sign, bool lines) =>
        (char.IsControl(sign) && !(lines && sign == '\n')) || sign is '\u2028' or '\u2029'
        // Words and emoji contain joiners.
        || (char.GetUnicodeCategory(sign) == UnicodeCategory.Format && sign is not ('\u200C' or '\u200D'));
}
