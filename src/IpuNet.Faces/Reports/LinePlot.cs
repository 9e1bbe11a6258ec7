using System.Globalization;
using System.Net;
using System.Text;

namespace IpuNet.Faces.Reports;

/// <summary>One line of a plot.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Points">Its points in drawing order, in the units of the axes.</param>
/// <param name="Colour">Which colour of the report's palette: 0 to 7, and round again.</param>
/// <param name="Dashed">True for a broken line.</param>
public sealed record PlotSeries(string Name, IReadOnlyList<(double X, double Y)> Points, int Colour, bool Dashed = false);

/// <summary>
/// Lines over two axes, drawn as SVG inside a report's page. Colours and fonts are the page's, so that a plot follows it into
/// the dark and onto paper, and needs no font where it is made (servers have none).
/// </summary>
/// <param name="Description">What the plot shows, for readers who cannot see it.</param>
/// <param name="X">The horizontal axis.</param>
/// <param name="Y">The vertical axis.</param>
/// <param name="Series">The lines.</param>
public sealed record LinePlot(string Description, PlotAxis X, PlotAxis Y, IReadOnlyList<PlotSeries> Series)
{
    private const int PaletteSize = 8;
    private const int Width = 640, Height = 420;
    private const int Left = 66, Right = 14, Top = 12, Bottom = 58;

    /// <summary>The plot and its legend as HTML; every text is encoded.</summary>
    internal void WriteTo(StringBuilder html)
    {
        html.Append(CultureInfo.InvariantCulture, $"<svg class=\"plot\" viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(Description)}\">\n");
        foreach (double tick in X.Ticks())
            VerticalTick(html, tick);
        foreach (double tick in Y.Ticks())
            HorizontalTick(html, tick);
        html.Append(CultureInfo.InvariantCulture, $"<rect class=\"frame\" x=\"{Left}\" y=\"{Top}\" width=\"{Width - Left - Right}\" height=\"{Height - Top - Bottom}\"/>\n");
        Text(html, PlaceX(X.Min) / 2 + PlaceX(X.Max) / 2, Height - 10, "middle", X.Label);
        html.Append(CultureInfo.InvariantCulture, $"<g transform=\"translate(18 {(Top + Height - Bottom) / 2}) rotate(-90)\">");
        Text(html, 0, 0, "middle", Y.Label);
        html.Append("</g>\n");
        foreach (var series in Series)
            Curve(html, series);
        html.Append("</svg>\n");
        Legend(html);
    }

    private void VerticalTick(StringBuilder html, double tick)
    {
        double x = PlaceX(tick);
        html.Append(CultureInfo.InvariantCulture, $"<path class=\"grid-line\" d=\"M{x:0.#} {Top}V{Height - Bottom}\"/>");
        Text(html, x, Height - Bottom + 19, "middle", PlotAxis.Format(tick));
    }

    private void HorizontalTick(StringBuilder html, double tick)
    {
        double y = PlaceY(tick);
        html.Append(CultureInfo.InvariantCulture, $"<path class=\"grid-line\" d=\"M{Left} {y:0.#}H{Width - Right}\"/>");
        Text(html, Left - 8, y + 4, "end", PlotAxis.Format(tick));
    }

    private void Curve(StringBuilder html, PlotSeries series)
    {
        if (series.Points.Count == 0)
            return;
        html.Append(CultureInfo.InvariantCulture, $"<path class=\"curve{(series.Dashed ? " dashed" : "")}\" style=\"stroke:{Colour(series)}\" d=\"");
        char command = 'M';
        foreach (var (x, y) in series.Points)
        {
            html.Append(CultureInfo.InvariantCulture, $"{command}{PlaceX(x):0.#} {PlaceY(y):0.#}");
            command = 'L';
        }

        html.Append("\"/>\n");
    }

    private void Legend(StringBuilder html)
    {
        html.Append("<ul class=\"legend\">");
        foreach (var series in Series)
        {
            html.Append(CultureInfo.InvariantCulture, $"<li><svg class=\"swatch\" viewBox=\"0 0 32 8\" aria-hidden=\"true\"><path class=\"curve{(series.Dashed ? " dashed" : "")}\" style=\"stroke:{Colour(series)}\" d=\"M0 4H32\"/></svg>{WebUtility.HtmlEncode(series.Name)}</li>");
        }

        html.Append("</ul>\n");
    }

    private static void Text(StringBuilder html, double x, double y, string anchor, string text) =>
        html.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\">{WebUtility.HtmlEncode(text)}</text>\n");

    private static string Colour(PlotSeries series) => $"var(--series-{series.Colour % PaletteSize})";

    private double PlaceX(double x) => Left + X.Place(x) * (Width - Left - Right);

    private double PlaceY(double y) => Height - Bottom - Y.Place(y) * (Height - Top - Bottom);
}
