using System.Xml.Linq;
using IpuNet.Faces.Reports;

namespace IpuNet.Faces.Tests.Reports;

public sealed class HtmlPageTests
{
    private const string Hostile = "<script>alert(1)</script>\" onload='x' & \u00e9";

    [Fact]
    public void ToString_HostileTexts_AreEncodedEverywhere()
    {
        string html = Everything(Hostile).ToString();

        html.ShouldNotContain("<script");
        html.ShouldNotContain("\" onload");
        html.ShouldContain("&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39; &amp;");
    }

    [Fact]
    public void ToString_AllParts_IsWellFormed()
    {
        string html = Everything("A & B").ToString();
        string body = html[html.IndexOf("<body>", StringComparison.Ordinal)..(html.IndexOf("</body>", StringComparison.Ordinal) + 7)];

        // Only img has no end tag here. With img closed the body is XML, and the parser finds unclosed elements.
        XDocument parsed = XDocument.Parse(System.Text.RegularExpressions.Regex.Replace(body, "(<img[^>]*)>", "$1/>"));

        parsed.Descendants("td").Count().ShouldBe(2);
        parsed.Descendants("img").Count().ShouldBe(3);
    }

    [Fact]
    public void ToString_AnyPage_LoadsNothingFromElsewhere()
    {
        string html = Everything("x").ToString();

        html.ShouldContain("default-src 'none'");
        html.ShouldNotContain("http://");
        html.ShouldNotContain("https://");
        html.ShouldNotContain("url(");
    }

    [Fact]
    public void ToString_NumericColumn_IsSetFlushRight() =>
        Everything("x").ToString().ShouldContain("<td class=\"number\">0.5</td>");

    [Fact]
    public void Picture_OfTwoPixelsAPoint_IsShownInItsWidth() =>
        new HtmlPage("x").Picture(new([1], "image/png", "d", Mark: null, Width: 320)).ToString()
            .ShouldContain("<img alt=\"d\" width=\"320\" ");

    [Fact]
    public void Picture_OtherMediaType_SaysWhatToDo()
    {
        var page = new HtmlPage("x");

        Should.Throw<ArgumentException>(() => page.Picture(new([1], "image/svg+xml", "d", Mark: null))).Message
            .ShouldContain("PNG or JPEG");
    }

    [Fact]
    public void Add_WrongNumberOfCells_Throws()
    {
        var table = new ReportTable("t", new ReportColumn("a"), new ReportColumn("b"));

        Should.Throw<ArgumentException>(() => table.Add("1")).Message.ShouldContain("2 columns");
    }

    [Fact]
    public void Save_NewFolder_WritesThePage()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string path = Path.Combine(folder, "deep", "report.html");
        try
        {
            new HtmlPage("Größe").Save(path);

            File.ReadAllText(path).ShouldContain("<h1>Gr&#246;&#223;e</h1>");
            Directory.GetFiles(Path.GetDirectoryName(path)!).ShouldHaveSingleItem();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static HtmlPage Everything(string text)
    {
        var picture = new ReportPicture([1, 2, 3], "image/png", text, Mark: null, text);
        return new HtmlPage(text, text)
            .Section(text)
            .Paragraph(text)
            .Facts((text, text))
            .Table(new ReportTable(text, new ReportColumn(text), new ReportColumn(text, Numeric: true)).Add(text, "0.5"))
            .Picture(picture)
            .Pictures([picture, picture]);
    }
}
