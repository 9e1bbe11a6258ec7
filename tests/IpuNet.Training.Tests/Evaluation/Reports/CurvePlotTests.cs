using IpuNet.Faces.Imaging;
using IpuNet.Training.Evaluation.Reports;

namespace IpuNet.Training.Tests.Evaluation.Reports;

public sealed class CurvePlotTests
{
    // The strips of the picture that hold nothing but a label: below the tick labels, left of them, and right of the axes.
    private static readonly (double Left, double Top, double Right, double Bottom)
        BelowAxis = (0.2, 0.93, 0.7, 1), LeftOfAxis = (0, 0.1, 0.035, 0.8), Legend = (0.84, 0, 1, 1);

    [Fact]
    public void Draw_AnyPlot_HasTwoPixelsAPoint()
    {
        var picture = Plot().Draw("c");

        var decoded = ImageDecoder.Decode(picture.Data, "plot");
        (decoded.Width, decoded.Height).ShouldBe((2 * CurvePlot.Width, 2 * CurvePlot.Height));
        picture.Width.ShouldBe(CurvePlot.Width);
    }

    [Fact]
    public void Draw_Texts_PutsInkWhereTheyBelong()
    {
        RgbImage drawn = Draw(Plot());

        Ink(drawn, BelowAxis).ShouldBeGreaterThan(300);
        Ink(drawn, LeftOfAxis).ShouldBeGreaterThan(300);
        Ink(drawn, Legend).ShouldBeGreaterThan(300);
    }

    [Fact]
    public void Draw_TickLabels_StandBesideTheAxis()
    {
        // Without a label the numbers stand at the picture's edge.
        Ink(Draw(Plot(y: "")), LeftOfAxis).ShouldBeGreaterThan(300);
    }

    [Fact]
    public void Draw_OtherLetters_DrawsOtherGlyphs()
    {
        // Without a font all are nothing, and characters that a font lacks are all the same box.
        Ink(Draw(Plot(x: "EEEE")), BelowAxis).ShouldBeGreaterThan(Ink(Draw(Plot(x: "FFFF")), BelowAxis));
        Ink(Draw(Plot(x: "FFFF")), BelowAxis).ShouldBeGreaterThan(Ink(Draw(Plot(x: "    ")), BelowAxis));
    }

    private static CurvePlot Plot(string x = "FAR (false accept rate)", string y = "TAR (true accept rate)") => new(
        "d", new(x, 1e-3, 1, Logarithmic: true), y,
        [new("16x16 SR", [new(0, 0.2, 0.1, 0.3), new(0.1, 0.5, 0.4, 0.6), new(1, 1, 1, 1)], 0, Dashed: false)]);

    private static RgbImage Draw(CurvePlot plot) => ImageDecoder.Decode(plot.Draw("c").Data, "plot");

    private static int Ink(RgbImage image, (double Left, double Top, double Right, double Bottom) part)
    {
        int dark = 0;
        for (int y = (int)(part.Top * image.Height); y < (int)(part.Bottom * image.Height); y++)
        {
            for (int x = (int)(part.Left * image.Width); x < (int)(part.Right * image.Width); x++)
                dark += image.Pixels[3 * (y * image.Width + x)] < 100 ? 1 : 0;
        }

        return dark;
    }
}
