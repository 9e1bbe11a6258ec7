using System.Numerics;
using System.Security.Cryptography;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Detection;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Testing.Golden;

namespace IpuNet.Faces.Tests.Detection;

/// <summary>Compares the shipped landmark network with face-api.js on its six photos.</summary>
public sealed class FaceApiParityTests(FaceApiParityTests.LandmarkNet net)
    : IAsyncLifetime, IClassFixture<FaceApiParityTests.LandmarkNet>
{
    private static readonly FaceApiGolden Golden = FaceApiGolden.Read();

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
    public void Find_InTheBoxesOfFaceApi_FindsTheSameLandmarks(string name)
    {
        (GoldenPhoto golden, RgbImage photo) = Open(name);

        FaceLandmarks[] found = net.Landmarks.Find([.. golden.Faces.Select(face => (photo, face.FaceBox))]);

        var errors = found.Zip(golden.Faces, MeanDistance).ToList();
        errors.Average().ShouldBeLessThan(0.01f);
        errors.Max().ShouldBeLessThan(0.015f);
    }

    private (GoldenPhoto Golden, RgbImage Photo) Open(string name)
    {
        GoldenPhoto golden = Golden.Photos.Single(p => p.Pixels.Name == name);
        return (golden, golden.Open(_package));
    }

    // As a share of the longer side of the face's box.
    private static float MeanDistance(FaceLandmarks found, GoldenFace expected) =>
        found.Points.Zip(expected.Points, Vector2.Distance).Average() / Math.Max(expected.FaceBox.Width, expected.FaceBox.Height);

    /// <summary>The shipped landmark network.</summary>
    public sealed class LandmarkNet : IDisposable
    {
        public FaceLandmarker Landmarks { get; } =
            FaceLandmarker.Open(ModelStore.Locate().Find("face-landmark-68@1"), InferenceSettings.Default);

        public void Dispose() => Landmarks.Dispose();
    }
}
