using CsCheck;
using IpuNet.Contract;

namespace IpuNet.Faces.Tests.Detection;

public class FaceBoxTests
{
    private static readonly Gen<FaceBox> Boxes =
        Gen.Select(
            Gen.Float[-300f, 300f], Gen.Float[-300f, 300f], Gen.Float[0f, 400f], Gen.Float[0f, 400f],
            (x, y, w, h) => new FaceBox(x, y, w, h));

    [Fact]
    public void IntersectionOverUnion_OfHalfCoveredBoxes_IsAThird() =>
        new FaceBox(0, 0, 10, 10).IntersectionOverUnion(new FaceBox(5, 0, 10, 10)).ShouldBe(1f / 3f, 1e-6f);

    [Fact]
    public void IntersectionOverUnion_OfBoxesApart_IsZero() =>
        new FaceBox(0, 0, 10, 10).IntersectionOverUnion(new FaceBox(20, 20, 10, 10)).ShouldBe(0f);

    [Fact]
    public void IntersectionOverUnion_OfAnEmptyBox_IsZero() =>
        new FaceBox(5, 5, 0, 0).IntersectionOverUnion(new FaceBox(0, 0, 10, 10)).ShouldBe(0f);

    [Fact]
    public void IntersectionOverUnion_OfAnyTwoBoxes_IsSymmetricAndAShare() => Gen.Select(Boxes, Boxes).Sample((a, b) =>
    {
        float overlap = a.IntersectionOverUnion(b);
        overlap.ShouldBeInRange(0f, 1.001f);
        overlap.ShouldBe(b.IntersectionOverUnion(a), 1e-5f);
    });

    [Fact]
    public void ClipTo_OfAnyBox_LiesInsideThePhoto() => Gen.Select(Boxes, Gen.Int[1, 200], Gen.Int[1, 200]).Sample((box, width, height) =>
    {
        var clipped = box.ClipTo(width, height);
        clipped.X.ShouldBeInRange(0f, width);
        clipped.Y.ShouldBeInRange(0f, height);
        clipped.Right.ShouldBeInRange(clipped.X, width + 1e-3f);
        clipped.Bottom.ShouldBeInRange(clipped.Y, height + 1e-3f);
    });

    [Fact]
    public void ClipTo_OfABoxInside_LeavesItAlone() => new FaceBox(3, 4, 5, 6).ClipTo(20, 20).ShouldBe(new FaceBox(3, 4, 5, 6));
}
