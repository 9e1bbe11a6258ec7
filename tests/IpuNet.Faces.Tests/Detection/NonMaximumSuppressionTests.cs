using CsCheck;
using IpuNet.Contract;
using IpuNet.Faces.Detection;

namespace IpuNet.Faces.Tests.Detection;

public class NonMaximumSuppressionTests
{
    private static readonly Gen<DetectedFace> Boxes = Gen.Select(
        Gen.Float[0f, 100f], Gen.Float[0f, 100f], Gen.Float[1f, 60f], Gen.Float[0f, 1f],
        (x, y, side, score) => new DetectedFace(new FaceBox(x, y, side, side), score));

    [Fact]
    public void Keep_OfTwoBoxesOnOneFace_KeepsTheBetter()
    {
        DetectedFace worse = new(new FaceBox(0, 0, 10, 10), 0.6f), better = new(new FaceBox(1, 1, 10, 10), 0.9f);

        NonMaximumSuppression.Keep([worse, better], maximumCount: 10).ShouldBe([better]);
    }

    [Fact]
    public void Keep_OfBoxesThatBarelyOverlap_KeepsBoth() =>
        NonMaximumSuppression.Keep(
            [new(new FaceBox(0, 0, 10, 10), 0.6f), new(new FaceBox(8, 0, 10, 10), 0.9f)], 10).Count.ShouldBe(2);

    [Fact]
    public void Keep_OfMoreThanTheMaximum_KeepsTheBest() =>
        NonMaximumSuppression.Keep([new(new FaceBox(0, 0, 1, 1), 0.6f), new(new FaceBox(8, 0, 1, 1), 0.9f)], 1)
            .ShouldHaveSingleItem().Score.ShouldBe(0.9f);

    [Fact]
    public void Keep_ASlimBoxOverHalfAFace_IsPartOfTheFace() =>
        NonMaximumSuppression.Keep([new(new FaceBox(0, 0, 10, 10), 0.9f), new(new FaceBox(1, 1, 3, 8), 0.8f)], 10)
            .ShouldHaveSingleItem().Score.ShouldBe(0.9f);

    [Fact]
    public void Keep_AFarSmallerBoxInALargeOne_IsAnotherFace() =>
        NonMaximumSuppression.Keep([new(new FaceBox(0, 0, 100, 100), 0.9f), new(new FaceBox(40, 60, 20, 20), 0.8f)], 10).Count.ShouldBe(2);

    [Fact]
    public void Keep_OfAnyBoxes_IsSortedAndFreeOfOverlapAndCoversTheRest() => Boxes.Array[0, 40].Sample(boxes =>
    {
        var kept = NonMaximumSuppression.Keep(boxes, int.MaxValue);

        kept.Zip(kept.Skip(1)).ShouldAllBe(pair => pair.First.Score >= pair.Second.Score);
        for (int i = 0; i < kept.Count; i++)
        {
            for (int j = 0; j < i; j++)
                kept[i].Box.IntersectionOverUnion(kept[j].Box).ShouldBeLessThanOrEqualTo(0.35f);
        }

        boxes.Except(kept).ShouldAllBe(b => kept.Any(k => k.Score >= b.Score && k.Box.IntersectionOverUnion(b.Box) > 0));
    });
}
