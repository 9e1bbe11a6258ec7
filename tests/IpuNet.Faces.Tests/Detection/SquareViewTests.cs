using System.Numerics;
using IpuNet.Contract;
using IpuNet.Faces.Detection;

namespace IpuNet.Faces.Tests.Detection;

public class SquareViewTests
{
    [Fact]
    public void ToPhoto_OfAWideRectangleAtTheTopLeft_ScalesByItsWidth() =>
        SquareView.TopLeft(10, 20, 200, 100).ToPhoto(new FaceBox(0.5f, 0.25f, 0.1f, 0.2f)).ShouldBe(new FaceBox(110, 70, 20, 40));

    [Fact]
    public void ToPhoto_OfTheMiddleOfACentredRectangle_IsItsMiddle() =>
        SquareView.Centred(10, 20, 60, 100).ToPhoto(new Vector2(0.5f)).ShouldBe(new Vector2(40, 70));

    [Fact]
    public void Centred_WithAnOddRest_PutsTheLargerPartBehind() => SquareView.Centred(0, 0, 7, 10).PaddingLeft.ShouldBe(1);

    [Fact]
    public void ToPhoto_OfARectangleInALargerSquare_TakesThePaddingOff() =>
        SquareView.Centred(0, 0, 50, 100, 200).ToPhoto(new FaceBox(0.375f, 0.25f, 0.25f, 0.5f)).ShouldBe(new FaceBox(0, 0, 50, 100));
}
