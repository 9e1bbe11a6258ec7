using IpuNet.Faces.Networks;

namespace IpuNet.Training.Tests.Export;

public class OnnxOperationTests
{
    private const float Tolerance = 1e-5f;

    [Theory]
    [InlineData("convolution")]
    [InlineData("convolution stride padding")]
    [InlineData("depthwise convolution")]
    [InlineData("transposed convolution")]
    [InlineData("batch norm")]
    [InlineData("channel affine")]
    [InlineData("linear")]
    [InlineData("linear without bias")]
    [InlineData("relu")]
    [InlineData("leaky relu")]
    [InlineData("tanh")]
    [InlineData("sigmoid")]
    [InlineData("clamp")]
    [InlineData("dropout")]
    [InlineData("max pool")]
    [InlineData("max pool below and right")]
    [InlineData("average pool")]
    [InlineData("global average pool")]
    [InlineData("zero pad")]
    [InlineData("concatenate")]
    [InlineData("add")]
    [InlineData("affine")]
    [InlineData("affine of one scale")]
    [InlineData("upsample nearest")]
    [InlineData("resize bilinear up")]
    [InlineData("resize bilinear down")]
    [InlineData("prewhiten")]
    [InlineData("prewhiten flat")]
    [InlineData("l2 normalise")]
    public void Operation_BatchesOfOneAndThree_IsItsDefinition(string name)
    {
        var network = new SmallNetwork(name, new FeatureShape(4, 5, 7));
        WeightSet weights = SmallNetwork.Weights(network, seed: 1);
        byte[] model = OnnxRun.Build(network, weights);

        OnnxRun.Difference(network, weights, model, batchSize: 1).ShouldBeLessThan(Tolerance);
        OnnxRun.Difference(network, weights, model, batchSize: 3).ShouldBeLessThan(Tolerance);
    }

    [Fact]
    public void Convolution_WeightOfAnotherShape_NamesBoth()
    {
        var weights = new WeightSet { ["a.weight"] = WeightTensor.FromFloats([5, 4, 1, 1], new float[20]) };

        Should.Throw<ArgumentException>(() => OnnxRun.Build(new SmallNetwork("convolution", new FeatureShape(4, 5, 7)), weights))
            .Message.ShouldContain("'a.weight' is [5, 4, 1, 1], the network needs [5, 4, 3, 3]");
    }

    [Fact]
    public void Convolution_WeightMissing_NamesIt() =>
        Should.Throw<KeyNotFoundException>(() => OnnxRun.Build(new SmallNetwork("convolution", new FeatureShape(4, 5, 7)), new WeightSet()))
            .Message.ShouldContain("'a.weight'");
}
