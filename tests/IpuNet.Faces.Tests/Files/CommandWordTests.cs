using IpuNet.Faces.Files;

namespace IpuNet.Faces.Tests.Files;

public sealed class CommandWordTests
{
    [Theory]
    [InlineData("/data/gallery-2/zoë.d", "/data/gallery-2/zoë.d")]
    [InlineData("my gallery", "'my gallery'")]
    [InlineData("a'b", @"'a'\''b'")]
    [InlineData("", "''")]
    public void Of_APath_IsOneWordOfAShell(string path, string word)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other quotation marks.");

        CommandWord.Of(path).ShouldBe(word);
    }
}
