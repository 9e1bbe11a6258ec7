using IpuNet.Faces.Alignment;
using IpuNet.Faces.Networks;
using IpuNet.Training.Export;
using IpuNet.Training.Import;
using IpuNet.Training.Torch;
using IpuNet.Training.WarmStart;
using static TorchSharp.torch;

namespace IpuNet.Training.Tests.WarmStart;

[Collection("Torch")]
public sealed class WarmStartTests
{
    // On pictures of 0-255.
    private const double Tolerance = 0.05;

    public static TheoryData<string> Names => [.. Networks.Keys];

    private static Dictionary<string, UNetOptions> Networks { get; } = new()
    {
        ["transposed"] = new() { Width = 4 },
        ["bilinear, residual"] = new() { Width = 4, Upsampling = Upsampling.Bilinear, Residual = true, Dropout = 0 },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Unfold_AnExportedModel_ComputesTheSame(string name)
    {
        var network = new UNet(Networks[name]);
        using Tensor faces = Faces(count: 8);

        WeightSet unfolded = BatchNormUnfolding.Unfold(network, Exported(network), faces);

        Difference(network, unfolded, network, Weights(network), faces).ShouldBeLessThan(Tolerance);
    }

    [Fact]
    public void Unfold_AnExportedModel_GivesNormsTheStatisticsOfTheFaces()
    {
        var network = new UNet(Networks["bilinear, residual"]);
        using Tensor faces = Faces(count: 8);

        WeightSet unfolded = BatchNormUnfolding.Unfold(network, Exported(network), faces);

        // In training a norm uses the batch's own statistics: with the same faces, they are those that it was given.
        Difference(network, unfolded, network, Weights(network), faces, training: true).ShouldBeLessThan(Tolerance);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Widen_WithoutNoise_ComputesTheSame(string name)
    {
        var narrow = new UNet(Networks[name]);
        var wide = new UNet(Networks[name] with { Width = 7 });
        using Tensor faces = Faces(count: 2);

        WeightSet widened = NetworkWidening.Widen(wide, Weights(narrow), seed: 1, noise: 0);

        Difference(wide, widened, narrow, Weights(narrow), faces).ShouldBeLessThan(Tolerance);
    }

    [Fact]
    public void Widen_WithNoise_LetsRepeatedChannelsPart()
    {
        var narrow = new UNet(Networks["transposed"]);

        float[] kernel = NetworkWidening.Widen(
            new UNet(new UNetOptions { Width = 8 }), Weights(narrow), seed: 1)["down1.conv.weight"].ToFloats();

        kernel.Chunk(kernel.Length / 8).Select(channel => channel[0]).Distinct().Count().ShouldBe(8);
    }

    [Fact]
    public void Widen_TheRecogniserThatAddsChannelsOfZeros_IsRefused() =>
        Should.Throw<ArgumentException>(
            () => NetworkWidening.Widen(new DlibResNet29(), WeightDeclarations.Randomise(new DlibResNet29(), seed: 1), seed: 1))
            .Message.ShouldContain("cannot be widened");

    [Fact]
    public void Widen_ToANarrowerNetwork_NamesTheLayer() =>
        Should.Throw<ArgumentException>(
            () => NetworkWidening.Widen(new UNet(new UNetOptions { Width = 2 }), Weights(new UNet(Networks["transposed"])), seed: 1))
            .Message.ShouldContain("down1.conv");

    private static WeightSet Weights(UNet network)
    {
        WeightSet weights = WeightDeclarations.Randomise(network, seed: 3, deviation: 0.1f);
        // Norms that change nothing would hide a mistake.
        var random = new Random(4);
        foreach (WeightDeclaration norm in WeightDeclarations.Of(network).Where(d => d.Foldable))
            weights[norm.Name] = WeightTensor.FromFloats(
                [.. norm.Shape], [.. weights[norm.Name].ToFloats().Select(v => v + random.NextSingle() * 0.4f)]);
        return weights;
    }

    private static WeightSet Exported(UNet network) =>
        OnnxWeights.Read(OnnxExporter.ExportEnhancer(network, Weights(network)), "model.onnx");

    private static Tensor Faces(int count)
    {
        random.manual_seed(5);
        return rand(count, 3, FaceAligner.Size, FaceAligner.Size) * 255;
    }

    private static double Difference(UNet a, WeightSet ofA, UNet b, WeightSet ofB, Tensor faces, bool training = false)
    {
        using var scope = NewDisposeScope();
        using TorchWeights weightsA = TorchWeights.Load(a, ofA, trainable: true), weightsB = TorchWeights.Load(b, ofB, trainable: true);
        using var _ = no_grad();
        Tensor before = b.Forward(new TorchOperations(weightsB), faces)[0];
        before.std().item<float>().ShouldBeGreaterThan(1, "the network says nothing");
        return (a.Forward(new TorchOperations(weightsA, training), faces)[0] - before).abs().max().item<float>();
    }
}
