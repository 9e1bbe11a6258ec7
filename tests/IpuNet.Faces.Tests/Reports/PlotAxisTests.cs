using IpuNet.Faces.Reports;

namespace IpuNet.Faces.Tests.Reports;

public sealed class PlotAxisTests
{
    [Theory]
    [InlineData(0, 1, new[] { 0, 0.2, 0.4, 0.6, 0.8, 1 })]
    [InlineData(-3, 12, new[] { 0.0, 5, 10 })]
    [InlineData(0.5, 0.7, new[] { 0.5, 0.55, 0.6, 0.65, 0.7 })]
    public void Ticks_Linear_AreRoundNumbersInside(double min, double max, double[] expected) =>
        new PlotAxis("x", min, max).Ticks().ShouldBe(expected, tolerance: 1e-9);

    [Fact]
    public void Ticks_Logarithmic_ArePowersOfTen() =>
        new PlotAxis("x", 1e-4, 1, Logarithmic: true).Ticks().ShouldBe([1e-4, 1e-3, 1e-2, 1e-1, 1], tolerance: 1e-12);

    [Theory]
    [InlineData(0.01, 0.5)]
    [InlineData(0, 0)]
    [InlineData(7, 1)]
    public void Place_Logarithmic_IsByPowersAndKeepsToTheEnds(double value, double expected) =>
        new PlotAxis("x", 1e-4, 1, Logarithmic: true).Place(value).ShouldBe(expected, tolerance: 1e-9);

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(0, 1, true)]
    public void Ticks_ImpossibleRange_Throws(double min, double max, bool logarithmic) =>
        Should.Throw<InvalidOperationException>(() => new PlotAxis("far", min, max, logarithmic).Ticks()).Message.ShouldContain("far");
}
