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
    public void Id_OfTheShippedModel_NamesIt() => _detector.Id.ShouldBe("rfb-320@1");

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
            new FaceDetectorSettings { MinimumScore = 0f, MaximumFaces = 5 });

        var found = eager.Detect(TestImages.Noise(40, 30));

        found.Count.ShouldBe(5);
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

        together[1].ShouldBeEmpty();
        foreach (var (found, alone) in (IEnumerable<(IReadOnlyList<DetectedFace>, IReadOnlyList<DetectedFace>)>)
            [(together[0], _detector.Detect(group)), (together[2], _detector.Detect(other))])
        {
            found.Count.ShouldBe(alone.Count);
            found.Zip(alone).ShouldAllBe(pair => pair.First.Box.IntersectionOverUnion(pair.Second.Box) > 0.999f);
        }
    }

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
