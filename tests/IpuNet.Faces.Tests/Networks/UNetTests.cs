using IpuNet.Faces.Networks;

namespace IpuNet.Faces.Tests.Networks;

public sealed class UNetTests
{
    [Fact]
    public void Of_PapersNetwork_HasThePapersParameters()
    {
        // Kernels of 4 x 4 for each pair of input and output channels, 3 biases, and two values per channel of each batch norm.
        const int down = 16 * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 3 * 512 * 512);
        const int up = 16 * (512 * 512 + 2 * 1024 * 512 + 1024 * 256 + 512 * 128 + 256 * 64 + 128 * 3) + 3;
        const int norms = 2 * (64 + 128 + 256 + 4 * 512 + 3 * 512 + 256 + 128 + 64);

        int parameters = WeightDeclarations.Of(new UNet(new UNetOptions())).Where(w => w.IsParameter).Sum(w => w.Count);

        parameters.ShouldBe(down + up + norms);
        (parameters / 1e6).ShouldBe(41.8, tolerance: 0.05);
    }

    [Theory]
    [InlineData(Upsampling.Transposed)]
    [InlineData(Upsampling.Bilinear)]
    public void Forward_AnyUpsampling_KeepsTheSize(Upsampling upsampling)
    {
        var network = new UNet(new UNetOptions { Width = 16, Upsampling = upsampling, Residual = true });
        var traced = new Traced(network);

        WeightDeclarations.Of(traced);

        traced.Outputs.ShouldBe([network.Input, new FeatureShape(network.DeepestChannels, 1, 1)]);
    }

    [Fact]
    public void Of_DlibResNet29_HasThePublishedParameters() =>
        WeightDeclarations.Of(new DlibResNet29()).Count.ShouldBe(117);

    /// <summary>A network that notes the shapes of its outputs.</summary>
    private sealed class Traced(INetwork network) : INetwork
    {
        public string Architecture => network.Architecture;

        public FeatureShape Input => network.Input;

        public IReadOnlyList<FeatureShape> Outputs { get; private set; } = [];

        public IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x)
        {
            IReadOnlyList<T> outputs = network.Forward(ops, x);
            Outputs = [.. outputs.Select(ops.ShapeOf)];
            return outputs;
        }
    }
}
