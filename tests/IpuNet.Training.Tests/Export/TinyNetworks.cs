using IpuNet.Faces.Networks;

namespace IpuNet.Training.Tests.Export;

/// <summary>An enhancer of one convolution, 0-255 in and a little more than that out.</summary>
internal sealed class TinyEnhancer : INetwork
{
    public string Architecture => "tiny-enhancer";

    public FeatureShape Input => new(3, 128, 128);

    public IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x) => [ops.Convolution(x, "e", new(3, Kernel: 3, Padding: 1))];

    /// <summary>Near to the identity, brighter by 40.</summary>
    public static WeightSet Weights()
    {
        var kernel = new float[81];
        for (int c = 0; c < 3; c++)
        {
            for (int i = 0; i < 9; i++)
                kernel[(c * 3 + c) * 9 + i] = i == 4 ? 0.9f : 0.05f;
        }

        return new WeightSet
        {
            ["e.weight"] = WeightTensor.FromFloats([3, 3, 3, 3], kernel),
            ["e.bias"] = WeightTensor.FromFloats([3], [40f, 40f, 40f]),
        };
    }
}

/// <summary>A recogniser of one convolution, at another size than the aligned face's.</summary>
internal sealed class TinyRecogniser : INetwork
{
    public string Architecture => "tiny-recogniser";

    public FeatureShape Input => new(3, 150, 150);

    public IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x)
    {
        T y = ops.Affine(x, [1f / 255f], [-0.5f]);
        y = ops.Relu(ops.BatchNorm(ops.Convolution(y, "r", new(8, Kernel: 5, Stride: 3, Bias: false)), "n", 1e-5f));
        return [ops.Linear(ops.GlobalAveragePool(y), "fc", 16, bias: true), y];
    }
}
