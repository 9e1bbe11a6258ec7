using CsCheck;
using IpuNet.Faces.Detection;

namespace IpuNet.Faces.Tests.Detection;

public class PhotoWindowsTests
{
    private static readonly FaceDetectorSettings Unlimited = new() { MaximumWindows = int.MaxValue };

    [Fact]
    public void Of_ASmallPhoto_IsThePhotoAndThePhotoFromAfar() => PhotoWindows.Of(640, 480, Unlimited).ShouldBe(
    [
        new PhotoWindow(SquareView.TopLeft(0, 0, 640, 480), 0f, float.PositiveInfinity),
        new PhotoWindow(SquareView.Centred(0, 0, 640, 480, 1280), 160f, float.PositiveInfinity),
    ]);

    [Fact]
    public void Of_ALargePhoto_HalvesTheWindowsUntilTheSmallestFaceIsSeen() =>
        PhotoWindows.Of(4096, 2048, Unlimited).Select(w => w.View.Side).Distinct().ShouldBe([4096, 2048, 1024, 512, 8192]);

    [Fact]
    public void Of_ASmallPhotoWithSmallerFaces_Enlarges() =>
        PhotoWindows.Of(512, 512, Unlimited with { SmallestFace = 12 }).Select(w => w.View.Side).Distinct().ShouldBe([512, 256, 1024]);

    [Fact]
    public void Of_AHugePhoto_LeavesTheFinestWindowsOut()
    {
        var windows = PhotoWindows.Of(8000, 5000, Unlimited with { MaximumWindows = 40 });

        windows.Count.ShouldBeLessThanOrEqualTo(40);
        windows.Select(w => w.View.Side).Distinct().ShouldBe([8000, 4096, 2048, 16000]);
    }

    [Fact]
    public void Of_APhotoThatMayHaveOneWindow_IsThePhoto() =>
        PhotoWindows.Of(8000, 5000, Unlimited with { MaximumWindows = 1 }).ShouldHaveSingleItem();

    [Fact]
    public void Of_ALargePhoto_LooksForEachSizeOfFaceInSomeWindow()
    {
        var levels = PhotoWindows.Of(4096, 2048, Unlimited).SkipLast(1).Select(w => (w.SmallestFace, w.LargestFace)).Distinct().ToList();

        levels[0].LargestFace.ShouldBe(float.PositiveInfinity);
        levels[^1].SmallestFace.ShouldBe(0f);
        levels.Zip(levels.Skip(1)).ShouldAllBe(pair => pair.First.SmallestFace < pair.Second.LargestFace);
    }

    [Theory]
    [InlineData(9000, 2)]
    [InlineData(60_000, 1)]
    [InlineData(1, 60_000)]
    [InlineData(3, 3)]
    [InlineData(9000, 17)]
    public void Of_APhotoInWhichNoFaceFits_IsNone(int width, int height) =>
        PhotoWindows.Of(width, height, FaceDetectorSettings.Default).ShouldBeEmpty();

    [Theory]
    [InlineData(30_000, 30)]
    [InlineData(30, 30_000)]
    public void Of_AStrip_AreThoseInWhichItsHighestFaceIsSeen(int width, int height) =>
        PhotoWindows.Of(width, height, FaceDetectorSettings.Default).Select(w => w.View.Side).Distinct().ShouldBe([512]);

    [Fact]
    public void Of_AnyPhotoUpTo28TimesAsLongAsWide_BeginsWithThePhoto() =>
        Gen.Select(Gen.Int[4, 1000], Gen.Double[1, 28]).Sample((shorter, ratio) =>
            PhotoWindows.Of((int)(shorter * ratio), shorter, Unlimited)[0].View
                .ShouldBe(SquareView.TopLeft(0, 0, (int)(shorter * ratio), shorter)));

    [Fact]
    public void Of_AnyPhoto_LeavesNoPixelOutAndNeverLooksBeyond() => Gen.Select(
        Gen.Int[1, 3000], Gen.Int[1, 3000]).Sample((width, height) =>
    {
        foreach (var level in PhotoWindows.Of(width, height, Unlimited).GroupBy(w => w.View.Side))
        {
            Covers([.. level.Select(w => (w.View.X, w.View.X + w.View.Width))], width);
            Covers([.. level.Select(w => (w.View.Y, w.View.Y + w.View.Height))], height);
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
