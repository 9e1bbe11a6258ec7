using IpuNet.Contract;
using IpuNet.Faces.Detection;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Testing.Golden;
using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Faces.Tests.Detection;

/// <summary>Compares the shipped detector with the ONNX file that it was made of, on six photos of 320 x 240 px.</summary>
public sealed class RfbParityTests : IAsyncLifetime
{
    private const int Width = 320, Height = 240;
    private const float MinimumScore = 0.5f;

    private string _package = "";
    private byte[] _original = [];

    public static TheoryData<string> Photos => [.. FaceApiGolden.Read().Photos.Select(photo => photo.Pixels.Name)];

    public async ValueTask InitializeAsync()
    {
        _package = await FaceApiGolden.RequirePackageAsync();
        string original = Path.Combine(_package, "..", "..", "faceplugin-face-recognition-js", "model", "fr_detect.onnx");
        Assert.SkipUnless(File.Exists(original), "The folder of models is not writable, so npm did not install the detector's package.");
        _original = await File.ReadAllBytesAsync(original, TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [MemberData(nameof(Photos))]
    public void Decode_OfTheShippedModel_GivesTheBoxesOfTheOriginal(string name)
    {
        RgbImage photo = Resampler.Resize(
            FaceApiGolden.Read().Photos.Single(golden => golden.Pixels.Name == name).Open(_package), Width, Height);

        DetectedFace[] found = [.. Shipped(photo).OrderByDescending(box => box.Score)];
        DetectedFace[] expected = [.. Original(photo).OrderByDescending(box => box.Score)];

        expected.ShouldNotBeEmpty();
        found.Length.ShouldBe(expected.Length);
        foreach (var (box, other) in found.Zip(expected))
        {
            box.Score.ShouldBe(other.Score, 1e-4f);
            found.Max(any => any.Box.IntersectionOverUnion(other.Box)).ShouldBeGreaterThan(0.998f);
        }
    }

    private static List<DetectedFace> Shipped(RgbImage photo)
    {
        using OnnxSession session = OnnxSession.Open(ModelStore.Locate().FindCurrent(ModelKind.Detector), InferenceSettings.Default);
        var boxes = new List<DetectedFace>();
        session.RunSized(Width, Height, [photo], (image, target) => image.Pixels.CopyTo(target), outputs =>
        {
            for (int map = 0; map < Rfb320.Maps.Count; map++)
            {
                SizedOutput output = outputs[TensorNames.Map(map)];
                RfbBoxDecoder.Decode(
                    map, output.Floats(0), (Width, Height), (output.Shape[2], output.Shape[1]), MinimumScore, boxes);
            }
        });
        return boxes;
    }

    private IEnumerable<DetectedFace> Original(RgbImage photo)
    {
        using var session = new InferenceSession(_original);
        var input = new float[3 * Width * Height];
        for (int i = 0; i < Width * Height; i++)
        {
            for (int channel = 0; channel < RgbImage.Channels; channel++)
                input[channel * Width * Height + i] = (photo.Pixels[i * RgbImage.Channels + channel] - 127f) / 128f;
        }

        using var value = OrtValue.CreateTensorValueFromMemory(input, [1, 3, Height, Width]);
        using var outputs = session.Run(new RunOptions(), ["input"], [value], ["scores", "boxes"]);
        float[] scores = outputs[0].GetTensorDataAsSpan<float>().ToArray(), boxes = outputs[1].GetTensorDataAsSpan<float>().ToArray();
        return
        [
            .. Enumerable.Range(0, scores.Length / 2).Where(i => scores[2 * i + 1] > MinimumScore).Select(i => new DetectedFace(
                new FaceBox(
                    boxes[4 * i] * Width, boxes[4 * i + 1] * Height, (boxes[4 * i + 2] - boxes[4 * i]) * Width,
                    (boxes[4 * i + 3] - boxes[4 * i + 1]) * Height),
                scores[2 * i + 1])),
        ];
    }
}
