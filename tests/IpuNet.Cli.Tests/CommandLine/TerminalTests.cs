using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Reports;

namespace IpuNet.Cli.Tests.CommandLine;

public sealed class TerminalTests : IDisposable
{
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
    public void Fail_WithAName_ShowsItInOneLineWithoutColourOfItsOwn()
    {
        new Terminal(_output, _errors).Fail("a\nb\u001b[2J: is no image.");

        _errors.ToString().ShouldBe("error: a b\\u001B[2J: is no image.\n");
    }

    public void Dispose()
    {
        _output.Dispose();
        _errors.Dispose();
    }
}
