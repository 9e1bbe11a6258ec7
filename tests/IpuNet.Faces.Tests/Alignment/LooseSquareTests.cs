using System.Numerics;
using CsCheck;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Tests.Imaging;

namespace IpuNet.Faces.Tests.Alignment;

public sealed class LooseSquareTests
{
    private static readonly Vector2[] Corners = [new(0, 0), new(128, 0), new(0, 128), new(128, 128)];

    [Fact]
    public void Of_ADetectorsBox_LiesAroundTheAlignedFaceOfTheMedian()
    {
        SimilarityTransform square = LooseSquare.Of(new FaceBox(100, 50, 80, 100));

        Vector2.Distance(square.Apply(new Vector2(32)), new Vector2(100 + 40 - 0.7f, 50 + 50 + 8.3f)).ShouldBeLessThan(1e-3f);
        Vector2.Distance(square.Apply(new Vector2(0, 0)), square.Apply(new Vector2(64, 0))).ShouldBe(93.5f * 1.6f, 1e-3f);
        square.B.ShouldBe(0);
    }

    [Fact]
    public void FaceAt_ThePlaceOfAFaceInAnySquare_IsTheFace() =>
        Gen.Select(Similarities.IntoPhoto, Similarities.IntoPhoto).Sample((face, square) =>
        {
            SimilarityTransform back = LooseSquare.FaceAt(LooseSquare.PlaceOf(face, square), square);

            foreach (Vector2 corner in Corners)
                Vector2.Distance(back.Apply(corner), face.Apply(corner)).ShouldBeLessThan(0.01f);
        });

    [Fact]
    public void PlaceOf_AFaceInTheSquareMadeForIt_IsUprightAndInTheMiddle()
    {
        SimilarityTransform face = Similarities.Around(new Vector2(70, 90), scale: 0.5f, angle: 0.4f);

        SimilarityTransform place = LooseSquare.PlaceOf(face, LooseSquare.Around(new Vector2(70, 90), 0.5f * 128, 0.4f));

        place.A.ShouldBe(1 / LooseSquare.Sides, 1e-5f);
        place.B.ShouldBe(0, 1e-5f);
        place.Translation.Length().ShouldBeLessThan(1e-5f);
    }

    [Fact]
    public void Read_TheValuesOfAPlace_GivesTheFaceItsErrorAndItsProbability() =>
        Gen.Select(Similarities.IntoPhoto, Similarities.IntoPhoto, Gen.Float[0.001f, 0.5f], Gen.Float[0.01f, 0.99f]).Sample(
            (face, square, error, probability) =>
            {
                SimilarityTransform place = LooseSquare.PlaceOf(face, square);

                FaceAlignment read = FaceAlignment.Read(
                    [
                        place.A, place.B, place.Translation.X, place.Translation.Y,
                        MathF.Log(error), MathF.Log(probability / (1 - probability)),
                    ],
                    square);

                foreach (Vector2 corner in Corners)
                    Vector2.Distance(read.ToPhoto.Apply(corner), face.Apply(corner)).ShouldBeLessThan(0.01f);
                read.Error.ShouldBe(error, 1e-4f);
                read.FaceProbability.ShouldBe(probability, 1e-4f);
            });

    [Fact]
    public void Read_TooFewValues_IsRefused() =>
        Should.Throw<ArgumentException>(() => FaceAlignment.Read([1, 0, 0, 0], new SimilarityTransform(1, 0, default)));

    // The view shows the photo where the square's transform says, at any size and turn.
    [Fact]
    public void Cut_OfASmallOrALargeSquare_ShowsWhatLiesUnderIt() =>
        Gen.Select(Gen.Float[20f, 120f], Gen.Float[-MathF.PI, MathF.PI]).Sample((side, angle) =>
        {
            SimilarityTransform square = LooseSquare.Around(new Vector2(150, 150), side, angle);
            RgbImage photo = TestImages.Draw(300, 300, Shades);

            RgbImage view = LooseSquare.Cut(photo, square);

            RgbImage expected = TestImages.Draw(64, 64, (x, y) =>
            {
                Vector2 at = square.Apply(new Vector2((float)x, (float)y));
                return Shades(at.X, at.Y);
            });
            (view.Width, view.Height).ShouldBe((64, 64));
            TestImages.MaxDifference(view, expected).ShouldBeLessThanOrEqualTo(2);
        }, iter: 20);

    private static (byte R, byte G, byte B) Shades(double x, double y) =>
        ((byte)Math.Clamp(x * 0.8, 0, 255), (byte)Math.Clamp(y * 0.8, 0, 255), 80);
}
