using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Networks;

/// <summary>The role of a weight. It decides the initial value, and whether training changes the weight.</summary>
public enum WeightRole
{
    /// <summary>A kernel or matrix.</summary>
    Kernel,

    /// <summary>A factor around 1.</summary>
    Scale,

    /// <summary>A summand around 0.</summary>
    Bias,

    /// <summary>A running mean. Gradients do not train it.</summary>
    RunningMean,

    /// <summary>A running variance. Gradients do not train it.</summary>
    RunningVariance,
}

/// <summary>The declaration of one weight of a network.</summary>
/// <param name="Name">The weight's name.</param>
/// <param name="Shape">The weight's shape, outermost dimension first.</param>
/// <param name="Role">The weight's role.</param>
/// <param name="Foldable">
/// Whether the weight belongs to a batch norm or per-channel scale. An exported model has it folded into the layer before.
/// </param>
public sealed record WeightDeclaration(string Name, IReadOnlyList<int> Shape, WeightRole Role, bool Foldable = false)
{
    /// <summary>The number of values of the weight.</summary>
    public int Count => Shape.Aggregate(1, (product, n) => product * n);

    /// <summary>Whether the weight counts as a parameter. Running statistics do not.</summary>
    public bool IsParameter => Role is not (WeightRole.RunningMean or WeightRole.RunningVariance);
}

/// <summary>A backend that computes nothing. It tracks the shapes through a network and collects the declarations of its weights.</summary>
public sealed class WeightDeclarations : NetworkOperations<FeatureShape>
{
    private readonly List<WeightDeclaration> _weights = [];

    private WeightDeclarations()
    {
    }

    /// <summary>The weights of a network, in the order of their use.</summary>
    /// <param name="network">The network.</param>
    public static IReadOnlyList<WeightDeclaration> Of(INetwork network)
    {
        ArgumentNullException.ThrowIfNull(network);
        var declarations = new WeightDeclarations();
        network.Forward(declarations, network.Input);
        return declarations._weights;
    }

    /// <summary>
    /// Makes random initial weights. Kernels are normal around 0 and scales normal around 1. Biases and running means are 0, running
    /// variances 1.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="seed">The seed. The same seed gives the same weights.</param>
    /// <param name="deviation">Standard deviation of kernels and scales. pix2pix and the paper use 0.02.</param>
    public static WeightSet Randomise(INetwork network, int seed, float deviation = 0.02f)
    {
        var random = new Random(seed);
        var weights = new WeightSet();
        foreach (var declaration in Of(network))
        {
            float mean = declaration.Role is WeightRole.Scale or WeightRole.RunningVariance ? 1f : 0f;
            float spread = declaration.Role is WeightRole.Kernel or WeightRole.Scale ? deviation : 0f;
            var values = new float[declaration.Count];
            for (int i = 0; i < values.Length; i++)
                values[i] = mean + spread * (float)NormalVariate.Next(random);
            weights[declaration.Name] = WeightTensor.FromFloats([.. declaration.Shape], values);
        }
        return weights;
    }

    /// <inheritdoc/>
    public override FeatureShape ShapeOf(FeatureShape x) => x;

    /// <inheritdoc/>
    public override FeatureShape Convolution(FeatureShape x, string name, ConvolutionSpec spec)
    {
        Note($"{name}.weight", WeightRole.Kernel, spec.Outputs, x.Channels / spec.Groups, spec.Kernel.Height, spec.Kernel.Width);
        if (spec.Bias)
            Note($"{name}.bias", WeightRole.Bias, spec.Outputs);
        return spec.Apply(x);
    }

    /// <inheritdoc/>
    public override FeatureShape TransposedConvolution(FeatureShape x, string name, ConvolutionSpec spec)
    {
        Note($"{name}.weight", WeightRole.Kernel, x.Channels, spec.Outputs, spec.Kernel.Height, spec.Kernel.Width);
        if (spec.Bias)
            Note($"{name}.bias", WeightRole.Bias, spec.Outputs);
        return spec.ApplyTransposed(x);
    }

    /// <inheritdoc/>
    public override FeatureShape BatchNorm(FeatureShape x, string name, float epsilon)
    {
        NoteFoldable($"{name}.weight", WeightRole.Scale, x.Channels);
        NoteFoldable($"{name}.bias", WeightRole.Bias, x.Channels);
        NoteFoldable($"{name}.running_mean", WeightRole.RunningMean, x.Channels);
        NoteFoldable($"{name}.running_var", WeightRole.RunningVariance, x.Channels);
        return x;
    }

    /// <inheritdoc/>
    public override FeatureShape ChannelAffine(FeatureShape x, string name)
    {
        NoteFoldable($"{name}.weight", WeightRole.Scale, x.Channels);
        NoteFoldable($"{name}.bias", WeightRole.Bias, x.Channels);
        return x;
    }

    /// <inheritdoc/>
    public override FeatureShape Linear(FeatureShape x, string name, int outputs, bool bias)
    {
        Note($"{name}.weight", WeightRole.Kernel, outputs, x.Channels);
        if (bias)
            Note($"{name}.bias", WeightRole.Bias, outputs);
        return new FeatureShape(outputs, 1, 1);
    }

    /// <inheritdoc/>
    public override FeatureShape Relu(FeatureShape x) => x;

    /// <inheritdoc/>
    public override FeatureShape LeakyRelu(FeatureShape x, float slope) => x;

    /// <inheritdoc/>
    public override FeatureShape Tanh(FeatureShape x) => x;

    /// <inheritdoc/>
    public override FeatureShape Sigmoid(FeatureShape x) => x;

    /// <inheritdoc/>
    public override FeatureShape Clamp(FeatureShape x, float low, float high) => x;

    /// <inheritdoc/>
    public override FeatureShape Dropout(FeatureShape x, float probability) => x;

    /// <inheritdoc/>
    public override FeatureShape MaxPool(FeatureShape x, int kernel, int stride, Edges padding) =>
        new ConvolutionSpec(x.Channels, kernel, stride, padding).Apply(x);

    /// <inheritdoc/>
    public override FeatureShape AveragePool(FeatureShape x, int kernel, int stride) =>
        new ConvolutionSpec(x.Channels, kernel, stride).Apply(x);

    /// <inheritdoc/>
    public override FeatureShape GlobalAveragePool(FeatureShape x) => new(x.Channels, 1, 1);

    /// <inheritdoc/>
    public override FeatureShape ZeroPad(FeatureShape x, Edges edges, int channels) =>
        new(x.Channels + channels, x.Height + edges.Top + edges.Bottom, x.Width + edges.Left + edges.Right);

    /// <inheritdoc/>
    public override FeatureShape Concatenate(FeatureShape a, FeatureShape b) =>
        a with { Channels = a.Channels + Same(a with { Channels = 0 }, b with { Channels = 0 }, b).Channels };

    /// <inheritdoc/>
    public override FeatureShape Add(FeatureShape a, FeatureShape b) => Same(a, b, a);

    /// <inheritdoc/>
    public override FeatureShape Affine(FeatureShape x, IReadOnlyList<float> scale, IReadOnlyList<float> offset) => x;

    /// <inheritdoc/>
    public override FeatureShape UpsampleNearest(FeatureShape x) => new(x.Channels, x.Height * 2, x.Width * 2);

    /// <inheritdoc/>
    public override FeatureShape ResizeBilinear(FeatureShape x, int height, int width) => new(x.Channels, height, width);

    /// <inheritdoc/>
    public override FeatureShape Prewhiten(FeatureShape x) => x;

    /// <inheritdoc/>
    public override FeatureShape L2Normalise(FeatureShape x) => x;

    private static FeatureShape Same(FeatureShape a, FeatureShape b, FeatureShape result) =>
        a == b ? result : throw new InvalidOperationException($"The network combines feature maps of different shapes, {a} and {b}.");

    private void Note(string name, WeightRole role, params int[] shape) => _weights.Add(new WeightDeclaration(name, shape, role));

    private void NoteFoldable(string name, WeightRole role, int channels) =>
        _weights.Add(new WeightDeclaration(name, [channels], role, Foldable: true));
}
