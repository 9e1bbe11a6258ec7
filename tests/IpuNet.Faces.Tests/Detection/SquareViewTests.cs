using System.Numerics;
using IpuNet.Faces.Detection;

namespace IpuNet.Faces.Tests.Detection;

public class SquareViewTests
{
    [Fact]
    public void ToPhoto_OfTheMiddleOfACentredRectangle_IsItsMiddle() =>
        SquareView.Centred(10, 20, 60, 100).ToPhoto(new Vector2(0.5f)).ShouldBe(new Vector2(40, 70));

    [Fact]
    public void Centred_WithAnOddRest_PutsTheLargerPartBehind() => SquareView.Centred(0, 0, 7, 10).PaddingLeft.ShouldBe(1);
}
