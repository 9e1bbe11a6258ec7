using IpuNet.Faces.Networks;
using IpuNet.Training.Export;
using IpuNet.Training.Export.Protobuf;

namespace IpuNet.Training.Tests.Export;

public class FoldingTests
{
    private const float Tolerance = 1e-5f;
    private static readonly FeatureShape Input = new(4, 5, 7);

    [Theory]
    [InlineData("convolution, batch norm")]
    [InlineData("convolution with bias, batch norm")]
    [InlineData("convolution, channel affine")]
    [InlineData("transposed convolution, batch norm")]
    [InlineData("linear, batch norm")]
    [InlineData("convolution, batch norm, affine")]
    public void ToModel_AffineBehindLayer_BecomesPartOfIt(string name)
    {
        var network = new SmallNetwork(name, Input);
        WeightSet weights = SmallNetwork.Weights(network, seed: 2);
        byte[] model = OnnxRun.Build(network, weights);

        Operators(model).ShouldNotContain("Mul");
        Operators(model).ShouldNotContain("Add");
        OnnxRun.Difference(network, weights, model, batchSize: 3).ShouldBeLessThan(Tolerance);
    }

    [Theory]
    [InlineData("convolution used twice")]
    [InlineData("batch norm behind relu")]
    public void ToModel_AffineThatCannotBeFolded_StaysBehindIt(string name)
    {
        var network = new SmallNetwork(name, Input);
        WeightSet weights = SmallNetwork.Weights(network, seed: 2);
        byte[] model = OnnxRun.Build(network, weights);

        Operators(model).ShouldContain("Mul");
        OnnxRun.Difference(network, weights, model, batchSize: 3).ShouldBeLessThan(Tolerance);
    }

    [Theory]
    [InlineData("convolution, channel affine", "a", 0)]
    [InlineData("transposed convolution, batch norm", "a", 1)]
    [InlineData("linear, batch norm", "l", 0)]
    public void ToModel_EightBitLayer_StaysEightBitWithAScalePerOutput(string name, string layer, int axis)
    {
        var network = new SmallNetwork(name, Input);
        WeightSet weights = Quantised(network, layer);
        byte[] model = OnnxRun.Build(network, weights);

        ModelProto parsed = ModelProto.Parser.ParseFrom(model);
        parsed.Graph.Initializer.ShouldContain(t => t.DataType == (int)TensorProto.Types.DataType.Uint8 && t.Dims.Count > 1);
        parsed.Graph.Initializer.ShouldNotContain(t => t.DataType == (int)TensorProto.Types.DataType.Float && t.Dims.Count > 1);
        parsed.Graph.Node.Single(n => n.OpType == "DequantizeLinear").Attribute.Single().I.ShouldBe(axis);
        OnnxRun.Difference(network, weights, model, batchSize: 1).ShouldBeLessThan(Tolerance);
    }

    [Fact]
    public void ToModel_EightBitLayerWithoutAffine_StaysEightBitWithOneScale()
    {
        var network = new SmallNetwork("convolution", Input);
        WeightSet weights = Quantised(network, "a");
        byte[] model = OnnxRun.Build(network, weights);

        Operators(model).ShouldContain("DequantizeLinear");
        OnnxRun.Difference(network, weights, model, batchSize: 1).ShouldBeLessThan(Tolerance);
    }

    [Fact]
    public void ToModel_EightBitLayerTurnedAround_BecomesFloat()
    {
        var network = new SmallNetwork("convolution, channel affine", Input);
        WeightSet weights = Quantised(network, "a");
        weights["n.weight"] = WeightTensor.FromFloats([6], [1, -1, 2, -2, 3, -3]);
        byte[] model = OnnxRun.Build(network, weights);

        Operators(model).ShouldNotContain("DequantizeLinear");
        OnnxRun.Difference(network, weights, model, batchSize: 1).ShouldBeLessThan(Tolerance);
    }

    [Fact]
    public void ToModel_HalfStorage_RoundsWeightsToHalf()
    {
        var network = new SmallNetwork("convolution, batch norm", Input);
        WeightSet weights = SmallNetwork.Weights(network, seed: 2);
        byte[] model = OnnxRun.Build(network, weights, WeightStorage.Half);

        ModelProto.Parser.ParseFrom(model).Graph.Initializer.ShouldContain(t => t.DataType == (int)TensorProto.Types.DataType.Float16);
        OnnxRun.Difference(network, weights, model, batchSize: 1).ShouldBeInRange(1e-6f, 0.05f);
    }

    [Fact]
    public void ToModel_HalfStorageOfWeightsBeyondItsRange_StaysFloat()
    {
        var network = new SmallNetwork("convolution", new FeatureShape(4, 3, 3));
        WeightSet weights = SmallNetwork.Weights(network, seed: 2);
        weights["a.weight"].Floats![0] = 1e6f;

        ModelProto.Parser.ParseFrom(OnnxRun.Build(network, weights, WeightStorage.Half)).Graph.Initializer
            .ShouldNotContain(t => t.DataType == (int)TensorProto.Types.DataType.Float16);
    }

    [Fact]
    public void ToModel_StepsThatNoOutputNeeds_AreLeftOut()
    {
        var network = new SmallNetwork("two outputs", Input);

        Operators(OnnxRun.Build(network, SmallNetwork.Weights(network, seed: 2))).ShouldBe(["GlobalAveragePool", "Flatten"]);
    }

    private static string[] Operators(byte[] model) => [.. ModelProto.Parser.ParseFrom(model).Graph.Node.Select(n => n.OpType)];

    private static WeightSet Quantised(INetwork network, string layer)
    {
        WeightSet weights = SmallNetwork.Weights(network, seed: 2);
        WeightTensor weight = weights[$"{layer}.weight"];
        var bytes = new byte[weight.Count];
        new Random(3).NextBytes(bytes);
        weights[$"{layer}.weight"] = WeightTensor.FromBytes([.. weight.Shape], bytes, scale: 0.01f, zeroPoint: 117);
        return weights;
    }
}
