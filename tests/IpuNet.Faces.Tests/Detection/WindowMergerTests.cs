using IpuNet.Contract;
using IpuNet.Faces.Detection;

namespace IpuNet.Faces.Tests.Detection;

public class WindowMergerTests
{
    private static readonly PhotoWindow Whole = Window(0, 0, 100, 100);
    private static readonly PhotoWindow Left = Window(0, 0, 50, 50);
    private static readonly PhotoWindow Right = Window(40, 0, 50, 50);

    [Fact]
    public void Merge_OfAFaceSeenInTwoWindows_KeepsItOnce()
    {
        var merger = new WindowMerger(100, 100);
        merger.Add(Whole, [new(new FaceBox(0.1f, 0.1f, 0.2f, 0.2f), 0.7f)]);
        merger.Add(Left, [new(new FaceBox(0.2f, 0.2f, 0.4f, 0.4f), 0.9f)]);

        merger.Merge(10).ShouldHaveSingleItem().Score.ShouldBe(0.9f);
    }

    [Fact]
    public void Merge_OfAFaceCutByAWindow_LeavesThePartOut()
    {
        var merger = new WindowMerger(100, 100);
        merger.Add(Right, [new(new FaceBox(0f, 0.2f, 0.4f, 0.4f), 0.9f)]);

        merger.Merge(10).ShouldBeEmpty();
    }

    [Fact]
    public void Merge_OfAFaceAtThePhotosEdge_ClipsItsBox()
    {
        var merger = new WindowMerger(100, 100);
        merger.Add(Whole, [new(new FaceBox(-0.1f, 0.9f, 0.4f, 0.4f), 0.9f)]);

        var box = merger.Merge(10).ShouldHaveSingleItem().Box;

        box.X.ShouldBe(0f);
        box.Right.ShouldBe(30f, 1e-3f);
        box.Bottom.ShouldBe(100f, 1e-3f);
    }

    [Fact]
    public void Merge_OfABoxInThePadding_LeavesItOut()
    {
        var merger = new WindowMerger(100, 50);
        merger.Add(Window(0, 0, 100, 50), [new(new FaceBox(0.2f, 0.6f, 0.2f, 0.2f), 0.9f)]);

        merger.Merge(10).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(10f)]
    [InlineData(50f)]
    public void Merge_OfAFaceThatOtherWindowsShowBetter_LeavesItOut(float height)
    {
        var merger = new WindowMerger(100, 100);
        merger.Add(Whole with { SmallestFace = 20f, LargestFace = 40f }, [new(new FaceBox(0.1f, 0.1f, 0.3f, height / 100), 0.9f)]);

        merger.Merge(10).ShouldBeEmpty();
    }

    private static PhotoWindow Window(int x, int y, int width, int height) =>
        new(SquareView.TopLeft(x, y, width, height), SmallestFace: 0f, LargestFace: float.PositiveInfinity);
}
