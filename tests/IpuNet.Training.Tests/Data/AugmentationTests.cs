using IpuNet.Faces.Imaging;
using IpuNet.Training.Data;

namespace IpuNet.Training.Tests.Data;

public sealed class AugmentationTests
{
    private const int Side = 128;

    private readonly RgbImage _face = Gradient();

    [Fact]
    public void Apply_RangesOfZero_ChangesNothing() =>
        Augmentation.Apply(_face, new AugmentationOptions { Probability = 1 }, new Random(1)).Pixels.ShouldBe(_face.Pixels);

    [Fact]
    public void Apply_ProbabilityOfZero_GivesTheFaceItself() =>
        Augmentation.Apply(_face, new AugmentationOptions { Probability = 0, Shift = 9 }, new Random(1)).ShouldBeSameAs(_face);

    [Fact]
    public void Apply_AnyFace_LeavesTheFaceItselfAsItIs()
    {
        byte[] before = [.. _face.Pixels];

        Augmentation.Apply(_face, new AugmentationOptions { Probability = 1, Brightness = 50, Contrast = 0.5, Shift = 3 }, new Random(1));

        _face.Pixels.ShouldBe(before);
    }

    [Fact]
    public void Apply_Shift_MovesByAtMostThat()
    {
        // The gradient rises by one a pixel: how much darker or brighter the middle is tells how far it went.
        int[] moves = [.. Draws(new AugmentationOptions { Probability = 1, Shift = 5 }).Select(face => Middle(face) - Middle(_face))];

        moves.Max(Math.Abs).ShouldBeInRange(3, 5);
        moves.Min().ShouldBeLessThan(0);
        moves.Max().ShouldBeGreaterThan(0);
    }

    [Fact]
    public void Apply_Turn_KeepsTheMiddle()
    {
        RgbImage[] faces = [.. Draws(new AugmentationOptions { Probability = 1, Rotation = 20 })];

        faces.ShouldAllBe(face => Math.Abs(Middle(face) - Middle(_face)) <= 1);
        faces.ShouldContain(face => Math.Abs(At(face, 4) - At(_face, 4)) > 5);
    }

    [Fact]
    public void Apply_BrightnessAndContrast_StayWithinTheirRanges() =>
        Draws(new AugmentationOptions { Probability = 1, Brightness = 10, Contrast = 0.1 })
            .ShouldAllBe(face => face.Pixels.Zip(_face.Pixels, (a, b) => Math.Abs(a - b)).Max() <= 10 + 13);

    private IEnumerable<RgbImage> Draws(AugmentationOptions options) =>
        Enumerable.Range(0, 30).Select(seed => Augmentation.Apply(_face, options, new Random(seed)));

    private static int Middle(RgbImage face) => At(face, Side / 2);

    private static int At(RgbImage face, int row) => face.Row(row)[Side / 2 * RgbImage.Channels];

    private static RgbImage Gradient()
    {
        var face = new RgbImage(Side, Side);
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
                face.Row(y).Slice(x * 3, 3).Fill((byte)(x + 60));
        }

        return face;
    }
}
