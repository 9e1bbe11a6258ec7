using IpuNet.Faces.Reports;

namespace IpuNet.Faces.Tests.Reports;

public sealed class CountedTests
{
    [Theory]
    [InlineData(0, "0 faces")]
    [InlineData(1, "1 face")]
    [InlineData(2, "2 faces")]
    [InlineData(1000, "1,000 faces")]
    public void Of_ANumber_TakesTheWordForOneWithOneOnly(int count, string text) => Counted.Of(count, "face").ShouldBe(text);

    [Theory]
    [InlineData(1, "1 person is")]
    [InlineData(3, "3 people are")]
    public void Of_AWordWithAPluralOfItsOwn_TakesThat(int count, string text) =>
        Counted.Of(count, "person is", "people are").ShouldBe(text);

    [Theory]
    [InlineData(0, 1, "0 of 1 file")]
    [InlineData(1, 2, "1 of 2 files")]
    public void Of_APart_FollowsTheWhole(int part, int count, string text) => Counted.Of(part, count, "file").ShouldBe(text);
}
