using CsCheck;
using IpuNet.Faces.Detection;

namespace IpuNet.Faces.Tests.Detection;

public class PhotoPassesTests
{
    private const int MostInputPixels = 4_100_000;

    [Fact]
    public void Of_AFrame_EnlargesItAndThenSeesItFourTimesCoarser()
    {
        IReadOnlyList<PhotoPass> passes = PhotoPasses.Of(640, 480, new() { SmallestFace = 12 });

        passes.Select(pass => (pass.InputWidth, pass.InputHeight)).ShouldBe([(1280, 960), (320, 240), (80, 60)]);
    }

    [Fact]
    public void Of_ASmallerFace_EnlargesMore() =>
        PhotoPasses.Of(200, 100, new() { SmallestFace = 6 })[0].InputWidth.ShouldBe(800);

    [Fact]
    public void Of_ALargePhoto_DividesTheFinePasses()
    {
        IReadOnlyList<PhotoPass> passes = PhotoPasses.Of(8000, 5000, FaceDetectorSettings.Default);

        passes.Count(pass => pass.SmallestFace == 0f).ShouldBeGreaterThan(10);
        passes[^1].ShouldSatisfyAllConditions(
            pass => (pass.Width, pass.Height).ShouldBe((8000, 5000)),
            pass => pass.LargestFace.ShouldBe(float.PositiveInfinity));
    }

    [Theory]
    [InlineData(9000, 2)]
    [InlineData(60_000, 1)]
    [InlineData(1, 60_000)]
    [InlineData(3, 3)]
    public void Of_APhotoInWhichNoFaceFits_IsNone(int width, int height) =>
        PhotoPasses.Of(width, height, FaceDetectorSettings.Default).ShouldBeEmpty();

    [Fact]
    public void Of_AnyPhoto_HasAPassForEachSizeOfFace() => Gen.Select(Gen.Int[4, 6000], Gen.Int[4, 6000], Gen.Int[4, 60]).Sample(
        (width, height, smallest) =>
        {
            var levels = PhotoPasses.Of(width, height, new() { SmallestFace = smallest })
                .Select(pass => (pass.SmallestFace, pass.LargestFace)).Distinct().ToList();

            levels[0].SmallestFace.ShouldBe(0f);
            levels[^1].LargestFace.ShouldBe(float.PositiveInfinity);
            levels.Zip(levels.Skip(1)).ShouldAllBe(pair => pair.Second.SmallestFace < pair.First.LargestFace);
        });

    [Fact]
    public void Of_AnyPhoto_LeavesNoPixelOutAndNeverLooksBeyondAndKeepsTheInputSmall() => Gen.Select(
        Gen.Int[4, 9000], Gen.Int[4, 4000]).Sample((width, height) =>
    {
        foreach (var level in PhotoPasses.Of(width, height, FaceDetectorSettings.Default).GroupBy(pass => pass.LargestFace))
        {
            Covers([.. level.Select(pass => (pass.X, pass.X + pass.Width))], width);
            Covers([.. level.Select(pass => (pass.Y, pass.Y + pass.Height))], height);
            level.ShouldAllBe(pass => (long)pass.InputWidth * pass.InputHeight <= MostInputPixels);
        }
    }, iter: 200);

    private static void Covers((int Start, int End)[] spans, int length)
    {
        int reached = 0;
        foreach (var (start, end) in spans.Distinct().Order())
        {
            start.ShouldBeInRange(0, reached);
            reached = Math.Max(reached, end);
        }

        reached.ShouldBe(length);
    }
}
