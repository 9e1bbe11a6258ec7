using IpuNet.Faces.Reports;
using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace IpuNet.Training.Evaluation.Reports;

/// <summary>A point of a curve with its 95 % interval.</summary>
internal readonly record struct CurvePoint(double X, double Y, double Low, double High);

/// <summary>One curve of a plot.</summary>
/// <param name="Name">Name in the legend.</param>
/// <param name="Points">Points in drawing order, in the units of the axes.</param>
/// <param name="Colour">Index of the colour, from 0. After the last colour of the palette, the first follows again.</param>
/// <param name="Dashed">True for a dashed line.</param>
internal sealed record Curve(string Name, IReadOnlyList<CurvePoint> Points, int Colour, bool Dashed);

/// <summary>The horizontal axis of a plot. The vertical axis is always a share from 0 to 1.</summary>
/// <param name="Label">Name of the measured quantity.</param>
/// <param name="Min">Lowest value; above 0 if the axis is logarithmic.</param>
/// <param name="Max">Highest value.</param>
/// <param name="Logarithmic">True for a logarithmic axis: powers of ten are at equal distances.</param>
internal sealed record CurveAxis(string Label, double Min, double Max, bool Logarithmic = false);

/// <summary>A picture for a report: curves of shares over an axis, each on a pale area that shows its 95 % intervals.</summary>
/// <param name="Description">Description of the picture for readers who cannot see it.</param>
/// <param name="X">The horizontal axis.</param>
/// <param name="YLabel">Name of the quantity on the vertical axis.</param>
/// <param name="Curves">The curves.</param>
internal sealed record CurvePlot(string Description, CurveAxis X, string YLabel, IReadOnlyList<Curve> Curves)
{
    /// <summary>Width and height in a report, CSS pixels.</summary>
    public const int Width = 760, Height = 460;

    // Two pixels for a CSS pixel: sharp on screens and on paper.
    private const int Density = 2;
    private const double BandOpacity = 0.1;

    // Long enough to tell a dashed line from a solid one.
    private const float LegendLine = 36;

    // The colours of Okabe and Ito, which colour-blind people can tell apart. Those that would be pale on white are darker here.
    private static readonly Color[] Palette =
        [.. new[] { "#0072b2", "#c2570c", "#00815f", "#b0458a", "#8a6d00", "#5a5fd0", "#4f5861", "#b3261e" }.Select(Color.FromHex)];

    /// <summary>Draws the plot as PNG.</summary>
    /// <param name="caption">The text below the picture.</param>
    public ReportPicture Draw(string caption)
    {
        using var plot = new Plot { ScaleFactor = Density };
        foreach (var curve in Curves)
            AddBand(plot, curve);
        foreach (var curve in Curves)
            AddLine(plot, curve);
        plot.XLabel(X.Label);
        plot.YLabel(YLabel);
        plot.Axes.Bottom.TickGenerator = Ticks();
        plot.Axes.SetLimits(Place(X.Min), Place(X.Max), 0, 1);
        AddLegend(plot);
        PlotFont.Use(plot);
        return new(
            plot.GetImageBytes(Width * Density, Height * Density, ImageFormat.Png), "image/png", Description, Mark: null, caption, Width);
    }

    private void AddBand(Plot plot, Curve curve)
    {
        var band = plot.Add.FillY([.. curve.Points.Select(point => (Place(point.X), point.Low, point.High))]);
        band.FillColor = ColourOf(curve).WithAlpha(BandOpacity);
        band.LineWidth = 0;
    }

    private void AddLine(Plot plot, Curve curve)
    {
        Scatter line = plot.Add.ScatterLine(curve.Points.Select(point => new Coordinates(Place(point.X), point.Y)).ToArray());
        line.LegendText = curve.Name;
        line.LineWidth = 2;
        line.LinePattern = curve.Dashed ? LinePattern.Dashed : LinePattern.Solid;
        line.Color = ColourOf(curve);
    }

    private static void AddLegend(Plot plot)
    {
        Legend legend = plot.ShowLegend(Edge.Right).Legend;
        legend.OutlineWidth = 0;
        legend.ShadowColor = Colors.Transparent;
        legend.SymbolWidth = LegendLine;
    }

    private NumericAutomatic Ticks() => X.Logarithmic
        ? new NumericAutomatic
        {
            MinorTickGenerator = new LogMinorTickGenerator(),
            IntegerTicksOnly = true,
            LabelFormatter = power => FormattableString.Invariant($"{Math.Pow(10, power):0.######}"),
        }
        : new NumericAutomatic { IntegerTicksOnly = true };

    // ScottPlot has no logarithmic axis. So the plot uses the logarithm as the position, and the labels turn it back into the value.
    private double Place(double x) => X.Logarithmic ? Math.Log10(Math.Max(x, X.Min)) : x;

    private static Color ColourOf(Curve curve) => Palette[curve.Colour % Palette.Length];
}

/// <summary>
/// The font of every plot. The program brings it along, because servers often have no fonts and the Skia library in use does not look
/// for any. Without a font, Skia leaves out all text and reports nothing. The font has the Latin letters of the European languages.
/// </summary>
internal sealed class PlotFont : IFontResolver
{
    /// <summary>The font's family.</summary>
    public const string Family = "DejaVu Sans";

    private const string Resource = "DejaVuSans-Latin.ttf";
    private static readonly SKTypeface Typeface = Load();

    private PlotFont()
    {
    }

    /// <summary>Makes the font known to ScottPlot, once: the list of resolvers belongs to the whole process.</summary>
    static PlotFont()
    {
        Fonts.FontResolvers.Insert(0, new PlotFont());
        Fonts.Default = Family;
    }

    /// <summary>Sets every text of a plot in the font.</summary>
    public static void Use(Plot plot) => plot.Font.Set(Family);

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Family ? Typeface : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Family ? Typeface : null;

    private static SKTypeface Load()
    {
        using Stream stream = typeof(PlotFont).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The program was built without its font '{Resource}'. Build it again.");
        return SKTypeface.FromStream(stream) ?? throw new InvalidOperationException($"Skia cannot read the font '{Resource}'.");
    }
}
