using System.Numerics;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Tests.Imaging;
using IpuNet.Testing.Golden;

namespace IpuNet.Faces.Tests.Pipeline;

public sealed class FaceLocatorTests(ShippedPipeline shipped) : IClassFixture<ShippedPipeline>
{
    private readonly FaceLocator _locator = new(shipped.Models.Detector, shipped.Models.Straightener);

    [Theory]
    [InlineData(FaceDetectionMode.Auto, 64, 0)]
    [InlineData(FaceDetectionMode.Auto, FaceLocator.LargestCropSide, 0)]
    [InlineData(FaceDetectionMode.Detect, 64, 0)]
    [InlineData(FaceDetectionMode.Crop, 64, 1)]
    [InlineData(FaceDetectionMode.Crop, 400, 1)]
    public void Locate_AnImageWithoutAFace_IsAFaceOnlyIfItIsSaidToBe(FaceDetectionMode mode, int side, int faces)
    {
        RgbImage[] images = [TestImages.Uniform(side, side, 90, 120, 150), TestImages.Smooth(side, side), TestImages.Noise(side, side)];

        var located = _locator.Locate(images, mode);

        located.ShouldAllBe(found => found.Count == faces);
        located.ShouldAllBe(found => found.All(face => face.IsCrop && face.IsUnsure));
    }

    [Theory]
    [InlineData(9000, 2)]
    [InlineData(1, 60_000)]
    [InlineData(3, 3)]
    [InlineData(121, 30)]
    public void Locate_ACropOfNoFacesShape_IsNoFace(int width, int height) =>
        _locator.Locate([TestImages.Uniform(width, height, 90, 120, 150)], FaceDetectionMode.Crop)[0].ShouldBeEmpty();

    [Fact]
    public void Locate_ACropFourTimesAsHighAsWide_IsAFace() =>
        _locator.Locate([TestImages.Smooth(30, 120)], FaceDetectionMode.Crop)[0].ShouldHaveSingleItem();

    [Fact]
    public void Locate_ACrop_HasTheBoxOfTheWholeImage()
    {
        LocatedFace face = _locator.Locate([TestImages.Smooth(12, 14)], FaceDetectionMode.Crop)[0].Single();

        face.Box.ShouldBe(new FaceBox(0, 0, 12, 14));
        (face.Aligned.Width, face.Aligned.Height).ShouldBe((128, 128));
    }

    [Fact]
    public async Task Locate_PhotosAndCrops_AnswersEachInItsPlace()
    {
        RgbImage photo = await PhotoAsync();
        LocatedFace face = LargestIn(photo);
        RgbImage crop = Resampler.Resize(FaceAligner.Cut(photo, Framed(face, sides: 1, angle: 0), 128), 24, 24);

        var located = _locator.Locate([crop, photo, crop], FaceDetectionMode.Auto);

        located[0].ShouldHaveSingleItem().SourceHeight.ShouldBe(24, 4);
        located[2].ShouldHaveSingleItem().SourceHeight.ShouldBe(24, 4);
        located[1].Count.ShouldBeGreaterThan(1);
        located[1].ShouldAllBe(found => found.SourceHeight / found.Box.Height > 0.7f && found.SourceHeight / found.Box.Height < 1.4f);
    }

    [Theory]
    [InlineData(1f, 0)]
    [InlineData(1.25f, 0)]
    [InlineData(1.6f, 0)]
    [InlineData(1.25f, 20)]
    [InlineData(1.25f, 90)]
    [InlineData(1.25f, 180)]
    public async Task Locate_ACropOfAnyFraming_StraightensTheFace(float sides, int degrees)
    {
        RgbImage photo = await PhotoAsync();
        LocatedFace face = LargestIn(photo);
        SimilarityTransform framing = Framed(face, sides, degrees * MathF.PI / 180);

        LocatedFace ofCrop = _locator.Locate([FaceAligner.Cut(photo, framing, 128)], FaceDetectionMode.Crop)[0].ShouldHaveSingleItem();

        SimilarityTransform toPhoto = ofCrop.ToImage.Then(framing);
        float side = face.SourceHeight;
        FaceAlignment.Points.Select(point => (point + new Vector2(0.5f)) * FaceAligner.Size)
            .Average(point => Vector2.Distance(toPhoto.Apply(point), face.ToImage.Apply(point)) / side).ShouldBeLessThan(0.08f);
        ofCrop.IsUnsure.ShouldBeFalse();
    }

    [Theory]
    [InlineData("sample1.jpg", 720, 480, 3)]
    [InlineData("sample5.jpg", 400, 291, 5)]
    public async Task Locate_APhotoOfPeople_FindsEachOnce(string file, int width, int height, int people)
    {
        RgbImage photo = Resampler.Resize(await PhotoAsync(file), width, height, ResampleFilter.Area);

        _locator.Locate([photo], FaceDetectionMode.Detect)[0].Count.ShouldBe(people);
    }

    [Fact]
    public async Task Locate_SmallFacesInALargePhoto_FindsThem()
    {
        RgbImage group = await PhotoAsync("sample3.jpg");
        RgbImage small = Resampler.Resize(group, group.Width / 6, group.Height / 6, ResampleFilter.Area);
        var photo = new RgbImage(1920, 1080);
        for (int y = 0; y < small.Height; y++)
            small.Row(y).CopyTo(photo.Row(y + 700)[(1100 * RgbImage.Channels)..]);

        _locator.Locate([photo], FaceDetectionMode.Detect)[0].Count.ShouldBe(3);
    }

    [Fact]
    public async Task Locate_APhotoMadeSmaller_FindsFacesThatAreSmallerByAsMuch()
    {
        RgbImage photo = await PhotoAsync(), half = Resampler.Resize(photo, photo.Width / 2, photo.Height / 2);

        var located = _locator.Locate([photo, half], FaceDetectionMode.Detect);

        float[] ratios =
        [
            .. located[1].Select(small => located[0].MinBy(
                face => Vector2.Distance(MiddleOf(face) / 2, MiddleOf(small)))!.SourceHeight / small.SourceHeight),
        ];
        ratios.Average().ShouldBe(2, 0.1);
        ratios.ShouldAllBe(ratio => ratio > 1.8 && ratio < 2.2);
    }

    private LocatedFace LargestIn(RgbImage photo) =>
        _locator.Locate([photo], FaceDetectionMode.Detect)[0].MaxBy(face => face.SourceHeight)!;

    private static Vector2 MiddleOf(LocatedFace face) => face.ToImage.Apply(new Vector2(FaceAligner.Size / 2f));

    // A square around the aligned face, so many of its sides long, and turned.
    private static SimilarityTransform Framed(LocatedFace face, float sides, float angle) => SimilarityTransform.About(
        new Vector2(FaceAligner.Size / 2f), angle, sides).Then(face.ToImage);

    private static async Task<RgbImage> PhotoAsync(string file = "sample6.jpg") =>
        ImageDecoder.DecodeFile(Path.Combine(await FaceApiGolden.RequirePackageAsync(), "demo", file));
}
