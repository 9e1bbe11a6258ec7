using IpuNet.Faces.Detection;

namespace IpuNet.Faces.Tests.Detection;

public class SsdAnchorsTests
{
    // The number of anchors in face-api's weights ("Output/extra_dim").
    [Fact]
    public void Maps_OfTheNetwork_HaveAsManyAnchorsAsItPredicts() => SsdAnchors.Maps.Sum(m => m.Length).ShouldBe(5118);

    // Some anchors from face-api's "Output/extra_dim": centre x, centre y, width, height.
    [Theory]
    [InlineData(0, 0.01562f, 0.01562f, 0.1f, 0.1f)]
    [InlineData(2, 0.01563f, 0.01563f, 0.14142f, 0.28284f)]
    [InlineData(4, 0.04688f, 0.01563f, 0.28284f, 0.14142f)]
    [InlineData(3073, 0.03125f, 0.03125f, 0.41833f, 0.41833f)]
    [InlineData(3077, 0.03125f, 0.03125f, 0.20206f, 0.60625f)]
    [InlineData(4613, 0.0625f, 0.0625f, 0.28866f, 0.86607f)]
    [InlineData(5113, 0.5f, 0.5f, 0.97468f, 0.97468f)]
    [InlineData(5116, 0.5f, 0.5f, 1.64545f, 0.54848f)]
    public void Maps_AtAnIndex_IsWhatTheWeightsCarry(int index, float x, float y, float width, float height)
    {
        var anchor = SsdAnchors.Maps.SelectMany(m => m).ElementAt(index);
        anchor.CentreX.ShouldBe(x, 1e-5f);
        anchor.CentreY.ShouldBe(y, 1e-5f);
        anchor.Width.ShouldBe(width, 1e-5f);
        anchor.Height.ShouldBe(height, 1e-5f);
    }
}
