using System.Numerics;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Training.Aligning;

namespace IpuNet.Training.Tests.Aligning;

public sealed class SquareDrawingTests
{
    private static readonly AlignerOptions Plain = new() { Camera = null, Grey = 0, Light = 0, Contrast = 0 };

    [Theory]
    [InlineData(0, false)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(1, true)]
    public void Face_DrawnAnyhow_HasItsEyesAndMouthWhereTheLabelSays(double cropped, bool anyTurn)
    {
        var drawing = new SquareDrawing(Plain with { Cropped = cropped }, flip: true);
        int seen = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            DrawnSquare drawn = drawing.Face(MadeFaces.Photo(seed), MadeFaces.Label, new Random(seed), height: 60, anyTurn);
            RgbImage view = drawn.View;
            for (int point = 0; point < 5; point++)
            {
                Vector2 place = FaceAlignment.Points[point];
                if (!IsIn(drawn.Photo, drawn.Face!.Value.Apply((place + new Vector2(0.5f)) * FaceAligner.Size)))
                    continue;
                Vector2 at = (drawn.Place!.Value.Apply(place) + new Vector2(0.5f)) * LooseSquare.Size;
                if (!IsIn(view, at))
                    continue;
                ReadOnlySpan<byte> pixel = view.Row((int)at.Y).Slice((int)at.X * RgbImage.Channels, RgbImage.Channels);
                bool isMouth = pixel[0] > 2 * pixel[1] && pixel[0] > 2 * pixel[2], isEye = pixel[2] > pixel[0] && pixel[0] < 60;
                (point < 2 ? isEye : isMouth).ShouldBeTrue($"seed {seed}, point {point}: {pixel[0]} {pixel[1]} {pixel[2]}");
                seen++;
            }
        }

        seen.ShouldBeGreaterThan(150);
    }

    [Fact]
    public void Face_OfTheSameNumbers_IsTheSame()
    {
        var drawing = new SquareDrawing(new AlignerOptions(), flip: true);

        DrawnSquare[] twice = [.. Enumerable.Range(0, 2).Select(_ => drawing.Face(MadeFaces.Photo(1), MadeFaces.Label, new Random(5)))];

        twice[0].View.Pixels.ShouldBe(twice[1].View.Pixels);
        twice[0].Place.ShouldBe(twice[1].Place);
    }

    [Fact]
    public void Face_WithinTheLimits_LiesInItsSquareAsTheOptionsSay()
    {
        AlignerOptions options = Plain with { Shift = 0.2, Scale = 1.3, Turn = 20, AnyTurn = 0 };
        var drawing = new SquareDrawing(options, flip: false);

        for (int seed = 0; seed < 300; seed++)
        {
            SimilarityTransform place = drawing.Face(MadeFaces.Photo(0), MadeFaces.Label, new Random(seed)).Place!.Value;

            (place.Scale * LooseSquare.Sides).ShouldBeInRange(1 / 1.3f - 1e-3f, 1.3f + 1e-3f);
            Math.Abs(Math.Atan2(place.B, place.A) * 180 / Math.PI).ShouldBeLessThan(20.1);
            (place.Translation / place.Scale).Length().ShouldBeLessThan(0.2f * MathF.Sqrt(2) + 1e-3f);
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(40)]
    public void Face_OfAHeight_IsAsHighInTheSmallPhoto(int height)
    {
        SimilarityTransform face = new SquareDrawing(Plain, flip: false).Face(
            MadeFaces.Photo(0), MadeFaces.Label, new Random(1), height).Face!.Value;

        (face.Scale * FaceAligner.Size / LooseSquare.FaceSide).ShouldBe(height, 0.01f);
    }

    [Fact]
    public void Negative_OfAnyKind_HasNoPlace()
    {
        var drawing = new SquareDrawing(new AlignerOptions(), flip: true);

        for (int seed = 0; seed < 100; seed++)
        {
            DrawnSquare drawn = drawing.Negative(MadeFaces.Photo(seed), MadeFaces.Label, new Random(seed));

            drawn.Place.ShouldBeNull();
            drawn.View.Width.ShouldBe(LooseSquare.Size);
        }
    }

    private static bool IsIn(RgbImage image, Vector2 at) => at.X >= 1 && at.Y >= 1 && at.X < image.Width - 1 && at.Y < image.Height - 1;
}
