using System.Globalization;
using System.Net;
using System.Text;
using IpuNet.Faces.Files;

namespace IpuNet.Faces.Reports;

/// <summary>A picture in a report.</summary>
/// <param name="Data">The encoded file.</param>
/// <param name="MediaType">"image/png" or "image/jpeg".</param>
/// <param name="Description">What it shows, for readers who cannot see it.</param>
/// <param name="Caption">What stands below it; null for nothing.</param>
/// <param name="Width">How wide it is shown, CSS pixels, where it has more pixels than that; null for its own width.</param>
/// <param name="IsPixelated">Whether it is enlarged pixel by pixel, for the few that it has to be seen.</param>
/// <param name="Mark">Whose it is, as <see cref="PictureMarks"/> has it, so that it can be taken out of the page; null where nobody will ask for that.</param>
public sealed record ReportPicture(
    byte[] Data, string MediaType, string Description, string? Caption = null, int? Width = null, bool IsPixelated = false, string? Mark = null);

/// <summary>
/// A report as one HTML file: style and pictures are inside, there is no script, and nothing is loaded from elsewhere
/// (its content policy forbids both). Every text given to it is encoded, so that file names and the like cannot become markup.
/// It reads on a phone, on paper, in light and in dark.
/// </summary>
public sealed class HtmlPage
{
    private readonly string _title;
    private readonly StringBuilder _body = new();

    /// <summary>Starts a page.</summary>
    /// <param name="title">Its heading and the name of its tab.</param>
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

    /// <summary>Adds names and their values: what was used, when, how.</summary>
    public HtmlPage Facts(params IReadOnlyList<(string Name, string Value)> facts)
    {
        ArgumentNullException.ThrowIfNull(facts);
        _body.Append("<dl>\n");
        foreach (var (name, value) in facts)
            _body.Append(CultureInfo.InvariantCulture, $"<dt>{Encode(name)}</dt><dd>{Encode(value)}</dd>\n");
        _body.Append("</dl>\n");
        return this;
    }

    /// <summary>Adds a table; a wide one scrolls sideways on a narrow screen, its first column staying in sight.</summary>
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

    /// <summary>Adds one picture, made smaller where the screen is narrower.</summary>
    public HtmlPage Picture(ReportPicture picture)
    {
        ArgumentNullException.ThrowIfNull(picture);
        string type = picture.MediaType is "image/png" or "image/jpeg"
            ? picture.MediaType
            : throw new ArgumentException($"A picture of type '{picture.MediaType}' cannot be shown; encode it as PNG or JPEG.", nameof(picture));
        if (picture.Mark is { } mark && !PictureMarks.IsMark(mark))
            throw new ArgumentException($"'{mark}' is no mark; {nameof(PictureMarks)}.{nameof(PictureMarks.Of)} makes one.", nameof(picture));
        string width = picture.Width is { } pixels ? string.Create(CultureInfo.InvariantCulture, $" width=\"{pixels}\"") : "";
        string pixelated = picture.IsPixelated ? " class=\"pixelated\"" : "";
        string caption = picture.Caption is null ? "" : $"<figcaption>{Encode(picture.Caption)}</figcaption>\n";
        string figure = $"<figure>\n<img alt=\"{Encode(picture.Description)}\"{width}{pixelated} src=\"data:{type};base64,{Convert.ToBase64String(picture.Data)}\">\n{caption}</figure>\n";
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
                _body.Append(CultureInfo.InvariantCulture, $" <span class=\"badge{(card.IsGood ? " good" : "")}\">{Encode(card.Badge)}</span>");
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

    /// <summary>Adds things with what is to be said of them; on a narrow screen one below the other.</summary>
    public HtmlPage Notes(IEnumerable<ReportNote> notes)
    {
        ArgumentNullException.ThrowIfNull(notes);
        _body.Append("<ul class=\"notes\">\n");
        foreach (ReportNote note in notes)
            _body.Append(CultureInfo.InvariantCulture, $"<li><b>{Encode(note.Name)}</b> <span class=\"badge\">{Encode(note.Badge)}</span> <span>{Encode(note.Text)}</span></li>\n");
        _body.Append("</ul>\n");
        return this;
    }

    /// <summary>The whole page.</summary>
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

    /// <summary>Writes the page as UTF-8; a reader never sees half of it.</summary>
    /// <param name="path">The file; its folder is made if it is not there.</param>
    public void Save(string path) => WholeFile.Write(path, Encoding.UTF8.GetBytes(ToString()), durable: false);

    private void Meters(IReadOnlyList<ReportMeter> meters)
    {
        _body.Append("<ol class=\"meters\">\n");
        foreach (ReportMeter meter in meters)
        {
            _body.Append(CultureInfo.InvariantCulture, $"<li><span>{Encode(meter.Label)}</span> <b>{Encode(meter.Value)}</b>");
            _body.Append(CultureInfo.InvariantCulture, $"<i style=\"--at:{Percent(meter.Position)};--limit:{Percent(meter.Limit)}\"></i></li>\n");
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
