using CsCheck;
using IpuNet.Contract;
using IpuNet.Faces.Detection;

namespace IpuNet.Faces.Tests.Detection;

public class NonMaximumSuppressionTests
{
    private static readonly Gen<ScoredBox> Boxes = Gen.Select(
        Gen.Float[0f, 100f], Gen.Float[0f, 100f], Gen.Float[1f, 60f], Gen.Float[0f, 1f],
        (x, y, side, score) => new ScoredBox(new FaceBox(x, y, side, side), score));

    [Fact]
    public void Keep_OfTwoBoxesOnOneFace_KeepsTheBetter()
    {
        ScoredBox worse = new(new FaceBox(0, 0, 10, 10), 0.6f), better = new(new FaceBox(1, 1, 10, 10), 0.9f);

        NonMaximumSuppression.Keep([worse, better], maximumOverlap: 0.5f, maximumCount: 10).ShouldBe([better]);
    }

    [Fact]
    public void Keep_OfBoxesThatBarelyOverlap_KeepsBoth() =>
        NonMaximumSuppression.Keep(
            [new(new FaceBox(0, 0, 10, 10), 0.6f), new(new FaceBox(8, 0, 10, 10), 0.9f)], 0.5f, 10).Count.ShouldBe(2);

    [Fact]
    public void Keep_OfMoreThanTheMaximum_KeepsTheBest() =>
        NonMaximumSuppression.Keep([new(new FaceBox(0, 0, 1, 1), 0.6f), new(new FaceBox(8, 0, 1, 1), 0.9f)], 0.5f, 1)
            .ShouldHaveSingleItem().Score.ShouldBe(0.9f);

    [Fact]
    public void Keep_OfAnyBoxes_IsSortedAndFreeOfOverlapAndCoversTheRest() => Boxes.Array[0, 40].Sample(boxes =>
    {
        var kept = NonMaximumSuppression.Keep(boxes, 0.5f, int.MaxValue);

        kept.Zip(kept.Skip(1)).ShouldAllBe(pair => pair.First.Score >= pair.Second.Score);
        for (int i = 0; i < kept.Count; i++)
        {
            for (int j = 0; j < i; j++)
                kept[i].Box.IntersectionOverUnion(kept[j].Box).ShouldBeLessThanOrEqualTo(0.5f);
        }

        boxes.Except(kept).ShouldAllBe(b => kept.Any(k => k.Score >= b.Score && k.Box.IntersectionOverUnion(b.Box) > 0.5f));
    });
}
