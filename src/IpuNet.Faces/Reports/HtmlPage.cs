using System.Globalization;
using System.Net;
using System.Text;
using IpuNet.Faces.Files;

namespace IpuNet.Faces.Reports;

/// <summary>A picture in a report.</summary>
/// <param name="Data">The encoded file's bytes.</param>
/// <param name="MediaType">"image/png" or "image/jpeg".</param>
/// <param name="Description">A description, for readers who cannot see the picture.</param>
/// <param name="Mark">
/// The owner's mark from <see cref="PictureMarks"/>: the picture can be removed later by its mark. Null if it shows nobody who could be
/// deleted from a page that is kept.
/// </param>
/// <param name="Caption">The text below the picture; null for none.</param>
/// <param name="Width">The displayed width in CSS pixels; null for the picture's own width.</param>
/// <param name="IsPixelated">Whether to enlarge without smoothing, to show the single pixels.</param>
public sealed record ReportPicture(
    byte[] Data, string MediaType, string Description, string? Mark, string? Caption = null, int? Width = null, bool IsPixelated = false);

/// <summary>
/// A report as one HTML file, with its style and pictures inside. It has no script and loads nothing: its content policy forbids both. All
/// texts are encoded, so that a file name, for example, cannot become markup. The page fits phones and paper, light and dark mode.
/// </summary>
public sealed class HtmlPage
{
    private readonly string _title;
    private readonly StringBuilder _body = new();

    /// <summary>Starts a page.</summary>
    /// <param name="title">The heading, also the title of the browser tab.</param>
    /// <param name="lead">A sentence below the heading; null for none.</param>
    public HtmlPage(string title, string? lead = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(title);
        _title = title;
        Element("h1", title);
        if (lead is not null)
            _body.Append(CultureInfo.InvariantCulture, $"<p class=\"lead\">{Encode(lead)}</p>\n");
    }

    /// <summary>Begins a section.</summary>
    public HtmlPage Section(string heading) => Element("h2", heading);

    /// <summary>Adds a paragraph.</summary>
    public HtmlPage Paragraph(string text) => Element("p", text);

    /// <summary>Adds a list of names and values.</summary>
    public HtmlPage Facts(params IReadOnlyList<(string Name, string Value)> facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        _body.Append("<dl>\n");
        foreach (var (name, value) in facts)
            _body.Append(CultureInfo.InvariantCulture, $"<dt>{Encode(name)}</dt><dd>{Encode(value)}</dd>\n");
        _body.Append("</dl>\n");
        return this;
    }

    /// <summary>Adds a table. On a narrow screen a wide table scrolls sideways, and its first column stays visible.</summary>
    public HtmlPage Table(ReportTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        _body.Append(CultureInfo.InvariantCulture, $"<div class=\"table\"><table>\n<caption>{Encode(table.Title)}</caption>\n<thead><tr>");
        foreach (var column in table.Columns)
            _body.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\"{NumberClass(column)}>{Encode(column.Heading)}</th>");
        _body.Append("</tr></thead>\n<tbody>\n");
        foreach (var row in table.Rows)
        {
            _body.Append("<tr>");
            for (int i = 0; i < row.Count; i++)
                _body.Append(CultureInfo.InvariantCulture, $"<td{NumberClass(table.Columns[i])}>{Encode(row[i])}</td>");
            _body.Append("</tr>\n");
        }

        _body.Append("</tbody></table></div>\n");
        return this;
    }

    /// <summary>Adds a picture. It shrinks on a narrower screen.</summary>
    /// <exception cref="ArgumentException">The media type is not supported, or the mark is not valid.</exception>
    public HtmlPage Picture(ReportPicture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        string type = picture.MediaType is "image/png" or "image/jpeg"
            ? picture.MediaType
            : throw new ArgumentException(
                $"A picture of type '{picture.MediaType}' cannot be shown. Encode it as PNG or JPEG.", nameof(picture));
        if (picture.Mark is { } mark && !PictureMarks.IsMark(mark))
            throw new ArgumentException(
                $"'{mark}' is not a mark. Make one with {nameof(PictureMarks)}.{nameof(PictureMarks.Of)}.", nameof(picture));
        string width = picture.Width is { } pixels ? string.Create(CultureInfo.InvariantCulture, $" width=\"{pixels}\"") : "";
        string pixelated = picture.IsPixelated ? " class=\"pixelated\"" : "";
        string caption = picture.Caption is null ? "" : $"<figcaption>{Encode(picture.Caption)}</figcaption>\n";
        string figure =
            $"<figure>\n<img alt=\"{Encode(picture.Description)}\"{width}{pixelated} "
            + $"src=\"data:{type};base64,{Convert.ToBase64String(picture.Data)}\">\n{caption}</figure>\n";
        _body.Append(picture.Mark is null ? figure : PictureMarks.Around(picture.Mark, figure));
        return this;
    }

    /// <summary>Adds pictures side by side, as many in a row as fit.</summary>
    public HtmlPage Pictures(IEnumerable<ReportPicture> pictures)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        _body.Append("<div class=\"grid\">\n");
        foreach (var picture in pictures)
            Picture(picture);
        _body.Append("</div>\n");
        return this;
    }

    /// <summary>Adds cards, as many in a row as fit.</summary>
    public HtmlPage Cards(IEnumerable<ReportCard> cards)
    {
        ArgumentNullException.ThrowIfNull(cards);
        _body.Append("<div class=\"cards\">\n");
        foreach (ReportCard card in cards)
        {
            _body.Append(CultureInfo.InvariantCulture, $"<article>\n<h3>{Encode(card.Title)}");
            if (card.Badge is not null)
                _body.Append(
                    CultureInfo.InvariantCulture, $" <span class=\"badge{(card.IsGood ? " good" : "")}\">{Encode(card.Badge)}</span>");
            _body.Append("</h3>\n");
            if (card.Pictures.Count > 0)
                Pictures(card.Pictures);
            if (card.Meters.Count > 0)
                Meters(card.Meters);
            if (card.Note is not null)
                _body.Append(CultureInfo.InvariantCulture, $"<p class=\"note\">{Encode(card.Note)}</p>\n");
            _body.Append("</article>\n");
        }

        _body.Append("</div>\n");
        return this;
    }

    /// <summary>Adds notes, one per line. On a narrow screen the text stands below the name.</summary>
    public HtmlPage Notes(IEnumerable<ReportNote> notes)
    {
        ArgumentNullException.ThrowIfNull(notes);
        _body.Append("<ul class=\"notes\">\n");
        foreach (ReportNote note in notes)
        {
            _body.Append(CultureInfo.InvariantCulture, $"<li><b>{Encode(note.Name)}</b> ");
            _body.Append(CultureInfo.InvariantCulture, $"<span class=\"badge\">{Encode(note.Badge)}</span> ");
            _body.Append(CultureInfo.InvariantCulture, $"<span>{Encode(note.Text)}</span></li>\n");
        }

        _body.Append("</ul>\n");
        return this;
    }

    /// <summary>The whole page as HTML.</summary>
    public override string ToString() => $"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
        <title>{Encode(_title)}</title>
        <style>
        {HtmlStyle.Css}
        </style>
        </head>
        <body>
        {_body}</body>
        </html>

        """;

    /// <summary>Writes the page to a file as UTF-8. The write is atomic.</summary>
    /// <param name="path">The file's path. Its folder is created if it is missing.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => AtomicFile.Write(path, Encoding.UTF8.GetBytes(ToString()), durable: false);

    private void Meters(IReadOnlyList<ReportMeter> meters)
    {
        _body.Append("<ol class=\"meters\">\n");
        foreach (ReportMeter meter in meters)
        {
            _body.Append(CultureInfo.InvariantCulture, $"<li><span>{Encode(meter.Label)}</span> <b>{Encode(meter.Value)}</b>");
            _body.Append(
                CultureInfo.InvariantCulture, $"<i style=\"--at:{Percent(meter.Position)};--limit:{Percent(meter.Limit)}\"></i></li>\n");
        }

        _body.Append("</ol>\n");

        static string Percent(double part) => Math.Clamp(part, 0, 1).ToString("0.#%", CultureInfo.InvariantCulture);
    }

    private HtmlPage Element(string name, string text)
    {
        _body.Append(CultureInfo.InvariantCulture, $"<{name}>{Encode(text)}</{name}>\n");
        return this;
    }

    private static string NumberClass(ReportColumn column) => column.Numeric ? " class=\"number\"" : "";

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}

/// <summary>The style sheet of all reports: system fonts, light and dark mode, for phones, desktops and paper.</summary>
internal static class HtmlStyle
{
    public const string Css = """
        :root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #59626d; --line: #d5dae0; --card: #f6f7f9;
          --good: #1a7f4b; --bar: #8fa3b8; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #14171a; --ink: #e8eaed; --soft: #a2abb5; --line: #3a4149; --card: #1c2025; --good: #4cc38a; --bar: #5c6c7d; }
        }
        * { box-sizing: border-box; }
        body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 70rem; background: var(--paper); color: var(--ink);
          font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
        h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 .4rem; }
        h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--line); }
        p { max-width: 46rem; margin: .6rem 0; }
        .lead { color: var(--soft); margin-top: 0; }
        dl { display: grid; grid-template-columns: fit-content(40%) 1fr; gap: .15rem 1rem; margin: .8rem 0; }
        dt { color: var(--soft); }
        dd { margin: 0; min-width: 0; }
        .table { overflow-x: auto; margin: 1rem 0; }
        table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
        caption { text-align: left; color: var(--soft); padding-bottom: .3rem; }
        th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
        th { vertical-align: bottom; white-space: normal; max-width: 9rem; }
        th:first-child, td:first-child { padding-left: 0; position: sticky; left: 0; background: var(--paper); }
        .number { text-align: right; }
        figure { margin: 1rem 0; }
        figcaption { color: var(--soft); font-size: .9rem; margin-top: .3rem; }
        figure img { max-width: 100%; height: auto; display: block; }
        .grid { display: flex; flex-wrap: wrap; gap: 1rem; }
        .grid figure { margin: 0; }
        .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 1rem; margin: 1rem 0; }
        article { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1rem; min-width: 0; }
        h3 { font-size: 1.05rem; line-height: 1.3; margin: 0 0 .7rem; display: flex; gap: .6rem; justify-content: space-between;
          align-items: start; }
        h3 { overflow-wrap: anywhere; }
        .badge { font-size: .75rem; font-weight: 600; line-height: 1.5; padding: 0 .55rem; border-radius: 1rem; border: 1px solid;
          color: var(--soft); white-space: nowrap; }
        .badge.good { color: var(--good); }
        .cards .grid { gap: .6rem; flex-wrap: nowrap; }
        .cards .grid figure { flex: 0 1 8rem; min-width: 0; }
        .cards img { width: 100%; aspect-ratio: 1; object-fit: contain; border-radius: .3rem; background: var(--line); }
        .cards figcaption { font-size: .8rem; margin-top: .2rem; }
        .meters { list-style: none; margin: .7rem 0 0; padding: 0; font-size: .88rem; font-variant-numeric: tabular-nums; }
        .meters li { display: grid; grid-template-columns: 1fr auto; gap: 0 .6rem; margin: .35rem 0; }
        .meters span { min-width: 0; overflow-wrap: anywhere; }
        .meters b { font-weight: 600; }
        .meters i { grid-column: 1 / -1; height: .35rem; margin-top: .15rem; border-radius: .2rem;
          print-color-adjust: exact; -webkit-print-color-adjust: exact;
          background: linear-gradient(var(--ink), var(--ink)) var(--limit) 0 / 2px 100% no-repeat,
            linear-gradient(var(--bar), var(--bar)) 0 0 / var(--at) 100% no-repeat, var(--line); }
        .pixelated { image-rendering: pixelated; }
        .notes { list-style: none; margin: 1rem 0; padding: 0; }
        .notes li { display: grid; grid-template-columns: minmax(0, 2fr) 6rem minmax(0, 3fr); gap: .1rem 1rem; padding: .45rem 0;
          border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
        .notes b { font-weight: 600; }
        .notes .badge { justify-self: start; align-self: start; }
        @media (max-width: 40rem) {
          .notes li { grid-template-columns: minmax(0, 1fr) auto; }
          .notes li span:last-child { grid-column: 1 / -1; color: var(--soft); }
        }
        .note { color: var(--soft); font-size: .8rem; margin: .7rem 0 0; overflow-wrap: anywhere; }
        @media print {
          :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; --card: #fff;
            --good: #14633a; --bar: #8fa3b8; }
          body { max-width: none; padding: 0; font-size: 10pt; }
          .table { overflow: visible; }
          table { font-size: 8pt; }
          th, td { padding: .2rem .4rem; white-space: normal; }
          .grid figure { width: calc(50% - .5rem); }
          .cards { grid-template-columns: repeat(3, 1fr); gap: .6rem; }
          .cards .grid figure { width: auto; }
          article { padding: .6rem .7rem; }
          h2, dl, caption { break-after: avoid; }
          figure, tr, article, .notes li { break-inside: avoid; }
        }
        """;
}
