using IpuNet.Faces.Networks;

namespace IpuNet.Training.Tests.Export;

/// <summary>Networks of an operation or two, by name.</summary>
internal sealed class SmallNetwork(string name, FeatureShape input) : INetwork
{
    public string Architecture => name;

    public FeatureShape Input => input;

    public IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x)
    {
        T Convolve(bool bias = true) => ops.Convolution(x, "a", new(6, Kernel: 3, Padding: 1, Bias: bias));
        T Transposed() => ops.TransposedConvolution(x, "a", new(6, Kernel: 4, Stride: 2, Padding: 1, Bias: false));
        switch (name)
        {
            case "convolution": return [ops.Convolution(x, "a", new(5, Kernel: 3))];
            case "convolution stride padding":
                return [ops.Convolution(x, "a", new(5, Kernel: 3, Stride: 2, new Edges(1, 0, 2, 1), Bias: false))];
            case "depthwise convolution": return [ops.Convolution(x, "a", new(4, Kernel: 3, Padding: 1, Groups: 4))];
            case "transposed convolution": return [ops.TransposedConvolution(x, "a", new(3, Kernel: 4, Stride: 2, Padding: 1))];
            case "batch norm": return [ops.BatchNorm(x, "n", 1e-3f)];
            case "channel affine": return [ops.ChannelAffine(x, "n")];
            case "linear": return [ops.Linear(ops.GlobalAveragePool(x), "l", 7, bias: true)];
            case "linear without bias": return [ops.Linear(ops.GlobalAveragePool(x), "l", 7, bias: false)];
            case "relu": return [ops.Relu(x)];
            case "leaky relu": return [ops.LeakyRelu(x, 0.2f)];
            case "tanh": return [ops.Tanh(x)];
            case "sigmoid": return [ops.Sigmoid(x)];
            case "clamp": return [ops.Clamp(x, -0.5f, 1f)];
            case "dropout": return [ops.Relu(ops.Dropout(x, 0.5f))];
            case "max pool": return [ops.MaxPool(x, 3, 2, 1)];
            case "max pool below and right": return [ops.MaxPool(x, 2, 2, new Edges(0, 0, 1, 1))];
            case "average pool": return [ops.AveragePool(x, 2, 2)];
            case "global average pool": return [ops.GlobalAveragePool(x)];
            case "zero pad": return [ops.ZeroPad(x, new Edges(1, 2, 3, 4), 2)];
            case "concatenate": return [ops.Concatenate(x, ops.Relu(x))];
            case "add": return [ops.Add(x, ops.Relu(x))];
            case "affine": return [ops.Affine(x, [1f, 2f, -3f, 0.5f], [0f, 1f, 2f, 3f])];
            case "affine of one scale": return [ops.Affine(x, [0.5f], [-1f])];
            case "upsample nearest": return [ops.UpsampleNearest(x)];
            case "resize bilinear up": return [ops.ResizeBilinear(x, 9, 13)];
            case "resize bilinear down": return [ops.ResizeBilinear(x, 3, 2)];
            case "prewhiten": return [ops.Prewhiten(x)];
            case "prewhiten flat": return [ops.Prewhiten(ops.Affine(x, [0f], [3f]))];
            case "l2 normalise": return [ops.L2Normalise(ops.GlobalAveragePool(x))];
            case "convolution, batch norm": return [ops.BatchNorm(Convolve(bias: false), "n", 1e-5f)];
            case "convolution with bias, batch norm": return [ops.BatchNorm(Convolve(), "n", 1e-5f)];
            case "convolution, channel affine": return [ops.ChannelAffine(Convolve(), "n")];
            case "transposed convolution, batch norm": return [ops.BatchNorm(Transposed(), "n", 1e-5f)];
            case "linear, batch norm": return [ops.BatchNorm(ops.Linear(ops.GlobalAveragePool(x), "l", 7, bias: false), "n", 1e-5f)];
            case "convolution, batch norm, affine": return [ops.Affine(ops.BatchNorm(Convolve(), "n", 1e-5f), [2f], [1f])];
            case "convolution used twice":
                T shared = Convolve();
                return [ops.Add(ops.BatchNorm(shared, "n", 1e-5f), shared)];
            case "batch norm behind relu": return [ops.BatchNorm(ops.Relu(Convolve()), "n", 1e-5f)];
            case "two outputs": return [ops.GlobalAveragePool(x), Convolve()];
            default: throw new ArgumentException($"There is no network '{name}'.");
        }
    }

    /// <summary>Random weights, no bias 0 and no scale 1.</summary>
    public static WeightSet Weights(INetwork network, int seed)
    {
        var random = new Random(seed);
        var weights = new WeightSet();
        foreach (WeightDeclaration declaration in WeightDeclarations.Of(network))
        {
            float low = declaration.Role is WeightRole.RunningVariance or WeightRole.Scale ? 0.5f : -1f;
            var values = new float[declaration.Count];
            for (int i = 0; i < values.Length; i++)
                values[i] = low + 2 * random.NextSingle();
            weights[declaration.Name] = WeightTensor.FromFloats([.. declaration.Shape], values);
        }

        return weights;
    }
}
