using System.Numerics;
using System.Security.Cryptography;
using IpuNet.Faces.Detection;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Testing.Golden;

namespace IpuNet.Faces.Tests.Detection;

/// <summary>Compares the shipped models with face-api.js on its six photos.</summary>
public sealed class FaceApiParityTests(FaceApiParityTests.WholePhotoDetector whole)
    : IAsyncLifetime, IClassFixture<FaceApiParityTests.WholePhotoDetector>
{
    private static readonly FaceApiGolden Golden = FaceApiGolden.Read();

    private readonly FaceDetector _detector = whole.Detector;
    private string _package = "";

    public static TheoryData<string> Photos => [.. Golden.Photos.Select(p => p.Pixels.Name)];

    public async ValueTask InitializeAsync() => _package = await FaceApiGolden.RequirePackageAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [MemberData(nameof(Photos))]
    public void DecodeFile_OfAPhoto_GivesThePixelsThatFaceApiSaw(string name)
    {
        (GoldenPhoto golden, RgbImage photo) = Open(name);

        Convert.ToHexStringLower(SHA256.HashData(photo.Pixels)).ShouldBe(golden.Pixels.PixelsSha256);
    }

    [Theory]
    [MemberData(nameof(Photos))]
    public void Detect_InAPhoto_FindsTheSameFaces(string name)
    {
        (GoldenPhoto golden, RgbImage photo) = Open(name);

        var found = _detector.Detect(photo);

        found.Count.ShouldBe(golden.Faces.Count);
        foreach (var (face, expected) in Pair(found, golden))
        {
            face.Box.IntersectionOverUnion(expected.FaceBox).ShouldBeGreaterThan(0.98f);
            face.Score.ShouldBe(expected.Score, 0.02f);
        }
    }

    [Theory]
    [MemberData(nameof(Photos))]
    public void Detect_InAPhoto_FindsTheSameLandmarks(string name)
    {
        (GoldenPhoto golden, RgbImage photo) = Open(name);

        var errors = Pair(_detector.Detect(photo), golden).Select(pair => MeanDistance(pair.Face, pair.Expected)).ToList();

        errors.Average().ShouldBeLessThan(0.01f);
        errors.Max().ShouldBeLessThan(0.015f);
    }

    private (GoldenPhoto Golden, RgbImage Photo) Open(string name)
    {
        GoldenPhoto golden = Golden.Photos.Single(p => p.Pixels.Name == name);
        return (golden, golden.Open(_package));
    }

    private static IEnumerable<(DetectedFace Face, GoldenFace Expected)> Pair(IReadOnlyList<DetectedFace> found, GoldenPhoto golden) =>
        golden.Faces.Select(expected => (found.MaxBy(f => f.Box.IntersectionOverUnion(expected.FaceBox))!, expected));

    // As a share of the longer side of the face's box.
    private static float MeanDistance(DetectedFace face, GoldenFace expected) =>
        face.Landmarks.Points.Zip(expected.Points, Vector2.Distance).Average() / Math.Max(expected.FaceBox.Width, expected.FaceBox.Height);

    /// <summary>A detector that searches only the whole photo, as face-api does.</summary>
    public sealed class WholePhotoDetector : IDisposable
    {
        public FaceDetector Detector { get; } = FaceDetector.Open(
            ModelStore.Locate(), InferenceSettings.Default,
            new FaceDetectorSettings { MinimumScore = Golden.MinConfidence, MaximumWindows = 1 });

        public void Dispose() => Detector.Dispose();
    }
}
