using System.Text.Json;
using IpuNet.Faces.Networks;
using IpuNet.Training.Torch;
using static TorchSharp.torch;

namespace IpuNet.Training.Tests.Networks;

/// <summary>
/// FaceNet's network computes what a second implementation does (Golden/facenet.py, PyTorch), with the same weights and image.
/// </summary>
[Collection("Torch")]
public sealed class InceptionResNetGoldenTests
{
    private const float Tolerance = 1e-4f;

    // A tap is what one layer reads.
    private static readonly Dictionary<string, string> Taps = new(StringComparer.Ordinal)
    {
        ["repeat_1.0.branch0.conv"] = "stem",
        ["repeat_1.1.branch0.conv"] = "block35",
        ["repeat_2.0.branch0.conv"] = "mixed_6a",
        ["repeat_2.1.branch0.conv"] = "block17",
        ["repeat_3.0.branch0.conv"] = "mixed_7a",
        ["repeat_3.1.branch0.conv"] = "block8",
        ["last_linear"] = "pooled",
    };

    public static TheoryData<int,
    PixelStandardisation> Variants => new() { { 128, PixelStandardisation.PerImage }, { 512, PixelStandardisation.Fixed } };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Forward_HashedWeights_ComputesWhatPyTorchDoes(int dimensions, PixelStandardisation standardisation)
    {
        InceptionResNetV1 network = Network(dimensions, standardisation);
        JsonElement golden = Golden(network).GetProperty("taps");
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using TorchWeights weights = TorchWeights.Load(network, HashedWeights.Of(network), trainable: false);
        var ops = new TappedOperations(weights);

        Tensor embedding = network.Forward(ops, HashedWeights.Image())[0];
        ops.Seen["embedding"] = ops.L2Normalise(embedding);

        ops.Seen.Keys.ShouldBe(golden.EnumerateObject().Select(tap => tap.Name), ignoreOrder: true);
        foreach (var (name, value) in ops.Seen)
            Compare(name, value.contiguous().data<float>().ToArray(), golden.GetProperty(name));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Of_EachVariant_HasThePublishedNumberOfParameters(int dimensions, PixelStandardisation standardisation)
    {
        IReadOnlyList<WeightDeclaration> weights = WeightDeclarations.Of(Network(dimensions, standardisation));

        int parameters = weights.Where(w => w.IsParameter).Sum(w => w.Count);
        int statistics = weights.Where(w => !w.IsParameter).Sum(w => w.Count);

        // Keras says 22,779,312 trainable and 28,832 others, its norms having no scale; facenet-pytorch 23,482,624 without the classifier.
        (parameters - (dimensions == 128 ? statistics / 2 : 0)).ShouldBe(dimensions == 128 ? 22_779_312 : 23_482_624);
        statistics.ShouldBe(dimensions == 128 ? 28_832 : 29_600);
    }

    private static InceptionResNetV1 Network(int dimensions, PixelStandardisation standardisation) =>
        new(new InceptionResNetOptions { Dimensions = dimensions, Standardisation = standardisation });

    private static JsonElement Golden(InceptionResNetV1 network)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(
            AppContext.BaseDirectory, "Golden", "facenet.json")));
        return document.RootElement.GetProperty(network.Architecture).Clone();
    }

    private static void Compare(string name, float[] values, JsonElement golden)
    {
        values.Length.ShouldBe(golden.GetProperty("shape").EnumerateArray().Aggregate(1, (product, n) => product * n.GetInt32()), name);
        float scale = Math.Max(1f, values.Max(MathF.Abs));
        values.Average().ShouldBe(golden.GetProperty("mean").GetSingle(), Tolerance * scale, name);
        foreach (var (at, expected) in golden.GetProperty("at").EnumerateArray().Zip(golden.GetProperty("values").EnumerateArray()))
            values[at.GetInt32()].ShouldBe(expected.GetSingle(), Tolerance * scale, $"{name} at {at}");
    }

    private sealed class TappedOperations(TorchWeights weights) : TorchOperations(weights)
    {
        public Dictionary<string, Tensor> Seen { get; } = new(StringComparer.Ordinal);

        public override Tensor Convolution(Tensor x, string name, ConvolutionSpec spec) => base.Convolution(Tapped(x, name), name, spec);

        public override Tensor Linear(Tensor x, string name, int outputs, bool bias) => base.Linear(Tapped(x, name), name, outputs, bias);

        private Tensor Tapped(Tensor x, string layer)
        {
            if (Taps.TryGetValue(layer, out string? tap))
                Seen.Add(tap, x);
            return x;
        }
    }
}
