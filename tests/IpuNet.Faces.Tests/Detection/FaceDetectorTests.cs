using IpuNet.Contract;
using IpuNet.Faces.Detection;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Tests.Imaging;
using IpuNet.Testing.Golden;

namespace IpuNet.Faces.Tests.Detection;

public sealed class FaceDetectorTests(ShippedDetector shipped) : IClassFixture<ShippedDetector>
{
    private readonly FaceDetector _detector = shipped.Detector;

    [Fact]
    public void Id_OfTheShippedModels_NamesBoth() => _detector.Id.ShouldBe("ssd-mobilenet-v1@1+face-landmark-68@1");

    [Fact]
    public void Detect_InNoPhotos_FindsNothing() => _detector.Detect([]).ShouldBeEmpty();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 400)]
    [InlineData(400, 1)]
    [InlineData(9000, 2)]
    [InlineData(320, 240)]
    public void Detect_WhereThereIsNoFace_FindsNothing(int width, int height) =>
        _detector.Detect(TestImages.Smooth(width, height)).ShouldBeEmpty();

    [Fact]
    public void Detect_AtAnyScore_GivesBoxesInsideThePhotoBestFirst()
    {
        using var eager = FaceDetector.Open(
            ModelStore.Locate(), InferenceSettings.Default,
            new FaceDetectorSettings { MinimumScore = 0f, MaximumFaces = 50, MaximumWindows = 1 });

        var found = eager.Detect(TestImages.Noise(40, 30));

        found.Count.ShouldBe(50);
        found.ShouldAllBe(f => f.Box.X >= 0 && f.Box.Y >= 0 && f.Box.Right <= 40 && f.Box.Bottom <= 30 && f.Box.Area > 0);
        found.Select(f => f.Score).ShouldBeInOrder(SortDirection.Descending);
    }

    [Fact]
    public async Task Detect_InPhotosOfDifferentSizes_FindsWhatItFindsInEach()
    {
        string package = await FaceApiGolden.RequirePackageAsync();
        RgbImage group = Resampler.Resize(
            ImageDecoder.DecodeFile(Path.Combine(package, "demo", "sample1.jpg")), 720, 480, ResampleFilter.Area);
        RgbImage other = Resampler.Resize(
            ImageDecoder.DecodeFile(Path.Combine(package, "demo", "sample5.jpg")), 400, 291, ResampleFilter.Area);

        var together = _detector.Detect([group, TestImages.Smooth(30, 20), other]);

        together.Select(faces => faces.Count).ShouldBe([3, 0, 5]);
        together[2].Zip(_detector.Detect(other)).ShouldAllBe(pair => pair.First.Box.IntersectionOverUnion(pair.Second.Box) > 0.999f);
    }

    // In the whole photo, the network sees a face of 30 px at a height of 8 px.
    [Fact]
    public async Task Detect_OfSmallFacesInALargePhoto_FindsThemThroughWindows()
    {
        RgbImage group = ImageDecoder.DecodeFile(Path.Combine(await FaceApiGolden.RequirePackageAsync(), "demo", "sample3.jpg"));
        RgbImage small = Resampler.Resize(group, group.Width / 6, group.Height / 6, ResampleFilter.Area);
        var photo = new RgbImage(1920, 1080);
        for (int y = 0; y < small.Height; y++)
            small.Row(y).CopyTo(photo.Row(y + 700)[(1100 * RgbImage.Channels)..]);

        _detector.Detect(photo).Count.ShouldBe(3);
    }

    // The network misses some of these faces in the photo itself. It finds them in the photo with a black border.
    [Fact]
    public async Task Detect_OfFacesThatFillThePhoto_FindsEach()
    {
        string package = await FaceApiGolden.RequirePackageAsync();
        List<RgbImage> portraits =
            [.. FaceApiGolden.Read().Photos.Select(golden => Portrait(golden.Open(package), golden.Faces[0].FaceBox))];

        _detector.Detect(portraits).ShouldAllBe(faces => faces.Count(f => f.Box.Height > 60) == 1);
    }

    private static RgbImage Portrait(RgbImage photo, FaceBox face)
    {
        int side = (int)(face.Height * 2.2f);
        RgbImage crop = photo.Crop((int)(face.X + face.Width / 2) - side / 2, (int)(face.Y + face.Height / 2) - side / 2, side, side);
        return Resampler.Resize(crop, 200, 200, ResampleFilter.Area);
    }

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1.1f)]
    [InlineData(float.NaN)]
    public void Open_WithAScoreThatIsNone_Throws(float score) => Should.Throw<ArgumentOutOfRangeException>(
        () => FaceDetector.Open(ModelStore.Locate(), InferenceSettings.Default, new FaceDetectorSettings { MinimumScore = score }));
}
