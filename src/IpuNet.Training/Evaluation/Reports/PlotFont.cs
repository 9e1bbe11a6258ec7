using ScottPlot;
using SkiaSharp;

namespace IpuNet.Training.Evaluation.Reports;

/// <summary>
/// The font of every plot, which the program brings along: servers often have none, and the Skia library in use looks for
/// none, so that text would be missing without a word. It has the letters of European languages that are written in Latin.
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

    /// <summary>Makes the font known; once, for the resolvers are those of the whole process.</summary>
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
            ?? throw new InvalidOperationException($"The program was built without its font '{Resource}'.");
        return SKTypeface.FromStream(stream) ?? throw new InvalidOperationException($"'{Resource}' is no font that Skia can read.");
    }
}
