using CsCheck;
using IpuNet.Faces.Policies;

namespace IpuNet.Faces.Tests.Gallery;

public class ResolutionBandTests
{
    [Theory]
    [InlineData(0.5f, "<12")]
    [InlineData(11.9f, "<12")]
    [InlineData(12f, "12-19")]
    [InlineData(19.99f, "12-19")]
    [InlineData(20f, "20-31")]
    [InlineData(32f, "32-47")]
    [InlineData(48f, "48-95")]
    [InlineData(95.5f, "48-95")]
    [InlineData(96f, ">=96")]
    [InlineData(40000f, ">=96")]
    public void Of_Height_IsTheBandThatHoldsIt(float height, string band) => ResolutionBand.Of(height).Name.ShouldBe(band);

    [Theory]
    [InlineData(0f)]
    [InlineData(-3f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Of_NoHeight_IsRefused(float height) => Should.Throw<ArgumentOutOfRangeException>(() => ResolutionBand.Of(height));

    [Fact]
    public void Of_AnyWholeHeight_LiesWithinTheBandsEnds() =>
        Gen.Int[1, 5000].Sample(height =>
        {
            var band = ResolutionBand.Of(height);
            return band.MinHeight <= height && height <= (band.MaxHeight ?? int.MaxValue);
        });
}
