using System.Numerics;
using System.Security.Cryptography;
using CsCheck;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Tests.Imaging;

namespace IpuNet.Faces.Tests.Alignment;

public class FaceAlignerTests
{
    [Fact]
    public void PointsFor_ChipOf128_HasTheKnownGeometry()
    {
        Vector2[] points = DlibChip.PointsFor(128);
        Vector2 Middle(int first, int last) => Enumerable.Range(first, last - first + 1)
            .Select(landmark => points[DlibChip.Landmarks.ToList().IndexOf(landmark)] / 128)
            .Aggregate(Vector2.Zero, (sum, p) => sum + p) / (last - first + 1);

        points.Length.ShouldBe(33);
        Vector2.Distance(Middle(36, 41), new Vector2(0.33f, 0.31f)).ShouldBeLessThan(0.02f);
        Vector2.Distance(Middle(42, 47), new Vector2(0.67f, 0.31f)).ShouldBeLessThan(0.02f);
        Middle(48, 54).Y.ShouldBe(0.66f, 0.01f);
    }

    [Fact]
    public void FitChip_MeanFaceAnywhere_RecoversWhereItIs() =>
        Similarities.Any.Sample(truth =>
        {
            SimilarityTransform fitted = FaceAligner.FitChip(Similarities.Face(truth));

            foreach (Vector2 corner in new Vector2[] { new(0, 0), new(128, 0), new(0, 128), new(128, 128) })
                Vector2.Distance(fitted.Apply(corner), truth.Apply(corner)).ShouldBeLessThan(0.01f);
        });

    [Fact]
    public void Align_FaceAnywhere_LooksAsItDoesUpright() =>
        Similarities.IntoPhoto.Sample(toPhoto =>
        {
            RgbImage aligned = FaceAligner.Align(PhotoOf(toPhoto), Similarities.Face(toPhoto));

            TestImages.MaxDifference(aligned, TestImages.Draw(128, 128, Scene)).ShouldBeLessThanOrEqualTo(4);
        }, iter: 20);

    [Fact]
    public void Align_UprightAtFullScale_IsAPlainCrop()
    {
        RgbImage photo = TestImages.Noise(300, 200);
        var shift = new SimilarityTransform(1, 0, new Vector2(40, 17));

        RgbImage aligned = FaceAligner.Align(photo, Similarities.Face(shift));

        TestImages.MaxDifference(aligned, photo.Crop(40, 17, 128, 128)).ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public void Align_LargeFaceWithFineDetail_DoesNotAlias()
    {
        RgbImage checks = TestImages.Draw(
            900, 900, (x, y) => (int)(x + y) % 2 == 0 ? ((byte)255, (byte)255, (byte)255) : ((byte)0, (byte)0, (byte)0));

        RgbImage aligned = FaceAligner.Align(checks, Similarities.Face(Similarities.Around(new Vector2(450, 450), 4.3f, 0.4f)));

        aligned.Pixels.ShouldAllBe(level => level > 110 && level < 146);
    }

    [Fact]
    public void Align_FaceOverTheEdge_RepeatsEdgePixels()
    {
        RgbImage photo = TestImages.Uniform(50, 40, 10, 20, 30);

        RgbImage aligned = FaceAligner.Align(photo, Similarities.Face(Similarities.Around(new Vector2(0, 0), 0.5f, 0.3f)));

        TestImages.MaxDifference(aligned, TestImages.Uniform(128, 128, 10, 20, 30)).ShouldBe(0);
    }

    [Fact]
    public void Align_AnyPhotoAndAnyPlace_GivesAFace() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 60], Similarities.Any).Sample((width, height, toPhoto) =>
            FaceAligner.Align(TestImages.Noise(width, height), Similarities.Face(toPhoto)).Width.ShouldBe(128), iter: 20);

    [Theory]
    [InlineData(0.375f, "EA2A316A489504783C715C8AE2273864")]
    [InlineData(1.75f, "76EE22455E15AB78AC987856A21F2664")]
    public void Align_KnownPhoto_HasItsKnownPixels(float a, string sha256)
    {
        // Embeddings can be compared only if their faces are aligned in the same way, to the last bit and on every CPU. If a change breaks
        // this on purpose, raise the version in FaceAligner.Id.
        var toPhoto = new SimilarityTransform(a, 0.25f, new Vector2(30.5f, 12.25f));

        RgbImage aligned = FaceAligner.Align(TestImages.Noise(320, 240), Similarities.Face(toPhoto));

        Convert.ToHexString(SHA256.HashData(aligned.Pixels)).ShouldStartWith(sha256);
    }

    [Fact]
    public void Align_LandmarksAtOnePoint_IsRefused()
    {
        var landmarks = new FaceLandmarks([.. Enumerable.Repeat(new Vector2(5, 5), FaceLandmarks.Count)]);

        Should.Throw<FaceDataException>(
            () => FaceAligner.Align(TestImages.Noise(10, 10), landmarks)).Message.ShouldContain("its landmarks span no area");
    }

    [Theory]
    [InlineData(67, 1f)]
    [InlineData(68, float.NaN)]
    public void FaceLandmarks_WrongPoints_Throws(int count, float value) =>
        Should.Throw<ArgumentException>(() => new FaceLandmarks([.. Enumerable.Repeat(new Vector2(value), count)]));

    [Fact]
    public void FromCrop_SmallFace_IsBicubic()
    {
        RgbImage face = TestImages.Noise(7, 6);

        TestImages.MaxDifference(FaceAligner.FromCrop(face), Resampler.Resize(face, 128, 128, ResampleFilter.Bicubic)).ShouldBe(0);
    }

    [Fact]
    public void FromCrop_LargeFace_IsAveragedByArea()
    {
        RgbImage face = TestImages.Noise(200, 250);

        TestImages.MaxDifference(FaceAligner.FromCrop(face), Resampler.Resize(face, 128, 128, ResampleFilter.Area)).ShouldBe(0);
    }

    [Fact]
    public void FromCrop_WideAndLow_TakesEachDirectionByItself()
    {
        RgbImage face = TestImages.Noise(256, 16);

        RgbImage twoSteps = Resampler.Resize(Resampler.Resize(face, 128, 16, ResampleFilter.Area), 128, 128, ResampleFilter.Bicubic);

        TestImages.MaxDifference(FaceAligner.FromCrop(face), twoSteps).ShouldBeLessThanOrEqualTo(2);
    }

    // A scene without fine detail, in the coordinates of the aligned face. It is also defined outside the face.
    private static (byte Red, byte Green, byte Blue) Scene(double x, double y) =>
        (TestImages.Wave(x / 14 + y / 31), TestImages.Wave(x / 23 - y / 15), TestImages.Wave(y / 12 + 1));

    private static RgbImage PhotoOf(SimilarityTransform toPhoto)
    {
        SimilarityTransform toFace = toPhoto.Inverse();
        return TestImages.Draw(340, 340, (x, y) =>
        {
            Vector2 point = toFace.Apply(new Vector2((float)x, (float)y));
            return Scene(point.X, point.Y);
        });
    }
}
