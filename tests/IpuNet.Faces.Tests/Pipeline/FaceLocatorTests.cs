using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Tests.Imaging;
using IpuNet.Testing.Golden;

namespace IpuNet.Faces.Tests.Pipeline;

public sealed class FaceLocatorTests(ShippedPipeline shipped) : IClassFixture<ShippedPipeline>
{
    private readonly FaceLocator _locator = new(shipped.Models.Detector);

    [Theory]
    [InlineData(FaceDetectionMode.Auto, FaceLocator.CropSide, 1)]
    [InlineData(FaceDetectionMode.Auto, FaceLocator.LargestCropSide, 1)]
    [InlineData(FaceDetectionMode.Auto, FaceLocator.LargestCropSide + 1, 0)]
    [InlineData(FaceDetectionMode.Detect, FaceLocator.CropSide, 0)]
    [InlineData(FaceDetectionMode.Crop, 400, 1)]
    public void Locate_AnImageWithoutAFace_TakesItForACropBySize(FaceDetectionMode mode, int side, int faces) =>
        _locator.Locate([TestImages.Uniform(side, side, 90, 120, 150)], mode)[0].Count.ShouldBe(faces);

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
    public void Locate_ACrop_IsTheWholeImage()
    {
        LocatedFace face = _locator.Locate([TestImages.Smooth(12, 14)], FaceDetectionMode.Crop)[0].Single();

        face.Box.ShouldBe(new FaceBox(0, 0, 12, 14));
        face.SourceHeight.ShouldBe(14);
        (face.Aligned.Width, face.Aligned.Height).ShouldBe((128, 128));
    }

    [Fact]
    public async Task Locate_PhotosAndCrops_AnswersEachInItsPlace()
    {
        RgbImage photo = await PhotoAsync(), crop = TestImages.Smooth(20, 20);

        var located = _locator.Locate([crop, photo, crop], FaceDetectionMode.Auto);

        located[0].Single().SourceHeight.ShouldBe(20);
        located[2].Single().SourceHeight.ShouldBe(20);
        located[1].Count.ShouldBeGreaterThan(1);
        located[1].ShouldAllBe(face => face.SourceHeight / face.Box.Height > 0.7f && face.SourceHeight / face.Box.Height < 1.4f);
    }

    [Fact]
    public async Task Locate_APhotoMadeSmaller_FindsFacesThatAreSmallerByAsMuch()
    {
        RgbImage photo = await PhotoAsync(), half = Resampler.Resize(photo, photo.Width / 2, photo.Height / 2);

        var located = _locator.Locate([photo, half], FaceDetectionMode.Detect);

        (located[0].Max(face => face.SourceHeight) / located[1].Max(face => face.SourceHeight)).ShouldBe(2, 0.1);
    }

    private static async Task<RgbImage> PhotoAsync() =>
        ImageDecoder.DecodeFile(Path.Combine(await FaceApiGolden.RequirePackageAsync(), "demo", "sample6.jpg"));
}
