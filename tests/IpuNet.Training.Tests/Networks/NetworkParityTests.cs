using IpuNet.Faces.Alignment;
using IpuNet.Faces.Networks;
using IpuNet.Training.Export;
using IpuNet.Training.Import;
using IpuNet.Training.Torch;
using Microsoft.ML.OnnxRuntime;
using static TorchSharp.torch;

namespace IpuNet.Training.Tests.Networks;

/// <summary>Every network gives the same on both backends, with the same random weights and the same image.</summary>
[Collection("Torch")]
public sealed class NetworkParityTests
{
    private const float Tolerance = 1e-4f;

    // Outputs of hundreds are compared relative to their size, those around 1 absolutely. The deviations keep signals from dying or
    // exploding.
    public static TheoryData<string> Names => [.. Networks.Keys];

    private static Dictionary<string, (INetwork Network, float Deviation)> Networks { get; } = new()
    {
        ["U-Net, transposed"] = (new UNet(new UNetOptions { Width = 8 }), 0.1f),
        ["U-Net, bilinear, residual"] = (new UNet(new UNetOptions { Width = 8, Upsampling = Upsampling.Bilinear, Residual = true }), 0.1f),
        ["dlib ResNet-29"] = (new DlibResNet29(), 0.03f),
        ["RFB-320"] = (new Rfb320(), 0.1f),
        ["FaceNet, per image"] = (new InceptionResNetV1(new() { Dimensions = 128, Narrowing = 4 }), 0.1f),
        ["FaceNet, fixed"] = (new InceptionResNetV1(new() { Standardisation = PixelStandardisation.Fixed, Narrowing = 8 }), 0.1f),
        ["68 landmarks"] = (new FaceLandmark68(), 0.1f),
        ["aligner"] = (new AlignerNet(), 0.1f),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Forward_SameWeightsAndImage_AgreesOnBothBackends(string name)
    {
        var (network, deviation) = Networks[name];
        WeightSet weights = WeightDeclarations.Randomise(network, seed: 11, deviation);
        var pixels = new byte[network.Input.Height * network.Input.Width * 3];
        new Random(12).NextBytes(pixels);

        float[][] torch = RunTorch(network, weights, pixels);
        float[][] onnx = RunOnnx(
            network, OnnxExporter.Export(network, weights, [.. Enumerable.Range(0, torch.Length).Select(i => $"output{i}")]), pixels);

        for (int i = 0; i < torch.Length; i++)
        {
            float scale = Math.Max(1, torch[i].Max(Math.Abs));
            torch[i].Zip(onnx[i], (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThanOrEqualTo(Tolerance * scale, $"output {i}");
            torch[i].Distinct().Count().ShouldBeGreaterThan(1, $"output {i} says nothing");
        }
    }

    [Fact]
    public void Read_WeightsOfAnExportedModel_GiveTheSameFrozenNetwork()
    {
        var network = new UNet(new UNetOptions { Width = 4 });
        WeightSet weights = WeightDeclarations.Randomise(network, seed: 4, deviation: 0.1f);
        var pixels = new byte[FaceAligner.Size * FaceAligner.Size * 3];
        new Random(5).NextBytes(pixels);

        WeightSet read = OnnxWeights.Read(OnnxExporter.Export(network, weights, ["pictures", "deepest"]), "model.onnx");

        RunTorch(network, read, pixels)[0].Zip(
            RunTorch(network, weights, pixels)[0], (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThan(255 * Tolerance);
    }

    private static float[][] RunTorch(INetwork network, WeightSet weights, byte[] pixels)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TorchWeights loaded = TorchWeights.Load(network, weights, trainable: false);
        Tensor x = tensor(
            pixels, [1, network.Input.Height, network.Input.Width, 3], dtype: ScalarType.Byte).to(ScalarType.Float32).permute(0, 3, 1, 2);
        return [.. network.Forward(new TorchOperations(loaded), x).Select(o => o.contiguous().data<float>().ToArray())];
    }

    private static float[][] RunOnnx(INetwork network, byte[] model, byte[] pixels)
    {
        using var session = new InferenceSession(model);
        using var input = OrtValue.CreateTensorValueFromMemory(pixels, [1, network.Input.Height, network.Input.Width, 3]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, ["images"], [input], session.OutputNames);
        return [.. outputs.Select(o => o.GetTensorDataAsSpan<float>().ToArray())];
    }
}
