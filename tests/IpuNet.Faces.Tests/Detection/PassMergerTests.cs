using IpuNet.Contract;
using IpuNet.Faces.Detection;

namespace IpuNet.Faces.Tests.Detection;

public class PassMergerTests
{
    private static readonly PhotoPass Whole = Pass(0, 0, 100, 100, input: 200);
    private static readonly PhotoPass Left = Pass(0, 0, 50, 50, input: 200);
    private static readonly PhotoPass Right = Pass(40, 0, 50, 50, input: 100);

    [Fact]
    public void Merge_OfAFaceSeenInTwoPasses_KeepsItOnce()
    {
        var merger = new PassMerger(100, 100);
        merger.Add(Whole, [new(new FaceBox(20, 20, 40, 40), 0.7f)]);
        merger.Add(Left, [new(new FaceBox(40, 40, 80, 80), 0.9f)]);

        DetectedFace face = merger.Merge(10).ShouldHaveSingleItem();

        face.Score.ShouldBe(0.9f);
        face.Box.ShouldBe(new FaceBox(10, 10, 20, 20));
    }

    [Fact]
    public void Merge_OfAFaceCutByAPart_LeavesThePartOut()
    {
        var merger = new PassMerger(100, 100);
        merger.Add(Right, [new(new FaceBox(0, 20, 40, 40), 0.9f)]);

        merger.Merge(10).ShouldBeEmpty();
    }

    [Fact]
    public void Merge_OfAFaceAtThePhotosEdge_ClipsItsBox()
    {
        var merger = new PassMerger(100, 100);
        merger.Add(Whole, [new(new FaceBox(-20, 180, 80, 80), 0.9f)]);

        var box = merger.Merge(10).ShouldHaveSingleItem().Box;

        box.X.ShouldBe(0f);
        box.Right.ShouldBe(30f, 1e-3f);
        box.Bottom.ShouldBe(100f, 1e-3f);
    }

    [Fact]
    public void Merge_OfABoxBesideThePhoto_LeavesItOut()
    {
        var merger = new PassMerger(100, 50);
        merger.Add(Pass(0, 0, 100, 50, input: 100), [new(new FaceBox(20, 110, 20, 20), 0.9f)]);

        merger.Merge(10).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(10f)]
    [InlineData(50f)]
    public void Merge_OfAFaceThatAnotherPassShowsBetter_LeavesItOut(float height)
    {
        var merger = new PassMerger(100, 100);
        merger.Add(Whole with { SmallestFace = 20f, LargestFace = 40f }, [new(new FaceBox(20, 20, 60, 2 * height), 0.9f)]);

        merger.Merge(10).ShouldBeEmpty();
    }

    private static PhotoPass Pass(int x, int y, int width, int height, int input) =>
        new(x, y, width, height, input, input * height / width, SmallestFace: 0f, LargestFace: float.PositiveInfinity);
}
