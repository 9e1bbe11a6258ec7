using IpuNet.Faces.Imaging;
using IpuNet.Faces.Networks;

namespace IpuNet.Training.WarmStart;

/// <summary>
/// Makes the weights of a wider network from those of a narrower one (Net2WiderNet, Chen et al. 2016). Both networks compute the same. Each
/// new channel repeats a channel that is drawn at random. The layers that read a channel divide by the number of its copies. A little noise
/// on the new kernels lets the copies develop differently in training.
/// </summary>
internal sealed class NetworkWidening : NetworkOperations<ChannelMap>
{
    private readonly WeightSet _narrow;
    private readonly WeightSet _wide = new();
    private readonly Random _random;
    private readonly double _noise;

    private NetworkWidening(WeightSet narrow, Random random, double noise) => (_narrow, _random, _noise) = (narrow, random, noise);

    /// <summary>Widens the weights of a network.</summary>
    /// <param name="wide">The wider network. In both networks, the layers have the same names and kernels, and no groups.</param>
    /// <param name="narrow">All weights of the narrower network.</param>
    /// <param name="seed">Seed of the repeated channels and of the noise.</param>
    /// <param name="noise">
    /// Standard deviation of the noise, as a share of the root mean square of the layer's weights; 0 for no noise.
    /// </param>
    /// <returns>All weights of the wider network.</returns>
    /// <exception cref="KeyNotFoundException">A weight is missing.</exception>
    /// <exception cref="ArgumentException">A layer of the wider network is narrower or has another shape, or cannot be widened.</exception>
    public static WeightSet Widen(INetwork wide, WeightSet narrow, int seed, double noise = 0.1)
    {
        var widening = new NetworkWidening(narrow, new Random(seed), noise);
        FeatureShape input = wide.Input;
        wide.Forward(widening, new ChannelMap(input, [.. Enumerable.Range(0, input.Channels)], input.Channels));
        return widening._wide;
    }

    /// <inheritdoc/>
    public override FeatureShape ShapeOf(ChannelMap x) => x.Shape;

    /// <inheritdoc/>
    public override ChannelMap Convolution(ChannelMap x, string name, ConvolutionSpec spec)
    {
        if (spec.Groups != 1)
            throw new ArgumentException($"The convolution '{name}' has {spec.Groups} groups and cannot be widened.", nameof(spec));
        return Layer(x, name, spec.Outputs, spec.Kernel, spec.Bias, outputsFirst: true, spec.Apply(x.Shape));
    }

    /// <inheritdoc/>
    public override ChannelMap TransposedConvolution(ChannelMap x, string name, ConvolutionSpec spec) =>
        Layer(x, name, spec.Outputs, spec.Kernel, spec.Bias, outputsFirst: false, spec.ApplyTransposed(x.Shape));

    /// <inheritdoc/>
    public override ChannelMap Linear(ChannelMap x, string name, int outputs, bool bias) =>
        Layer(x, name, outputs, 1, bias, outputsFirst: true, new FeatureShape(outputs, 1, 1));

    /// <inheritdoc/>
    public override ChannelMap BatchNorm(ChannelMap x, string name, float epsilon)
    {
        Repeat(x, $"{name}.weight", $"{name}.bias", $"{name}.running_mean", $"{name}.running_var");
        return x;
    }

    /// <inheritdoc/>
    public override ChannelMap ChannelAffine(ChannelMap x, string name)
    {
        Repeat(x, $"{name}.weight", $"{name}.bias");
        return x;
    }

    /// <inheritdoc/>
    public override ChannelMap Concatenate(ChannelMap a, ChannelMap b) => new(
        a.Shape with { Channels = a.Shape.Channels + b.Shape.Channels }, [.. a.From, .. b.From.Select(channel => a.Narrow + channel)],
        a.Narrow + b.Narrow);

    /// <inheritdoc/>
    public override ChannelMap Add(ChannelMap a, ChannelMap b) => a.From.AsSpan().SequenceEqual(b.From)
        ? a
        : throw new ArgumentException("The network adds feature maps that were widened differently.", nameof(b));

    /// <inheritdoc/>
    public override ChannelMap ZeroPad(ChannelMap x, Edges edges, int channels) => channels == 0
        ? x with
        {
            Shape = x.Shape with { Height = x.Shape.Height + edges.Top + edges.Bottom, Width = x.Shape.Width + edges.Left + edges.Right },
        }
        : throw new ArgumentException("A network that adds channels of zeros cannot be widened.", nameof(channels));

    /// <inheritdoc/>
    public override ChannelMap Relu(ChannelMap x) => x;

    /// <inheritdoc/>
    public override ChannelMap LeakyRelu(ChannelMap x, float slope) => x;

    /// <inheritdoc/>
    public override ChannelMap Tanh(ChannelMap x) => x;

    /// <inheritdoc/>
    public override ChannelMap Sigmoid(ChannelMap x) => x;

    /// <inheritdoc/>
    public override ChannelMap Clamp(ChannelMap x, float low, float high) => x;

    /// <inheritdoc/>
    public override ChannelMap Dropout(ChannelMap x, float probability) => x;

    /// <inheritdoc/>
    public override ChannelMap Affine(ChannelMap x, IReadOnlyList<float> scale, IReadOnlyList<float> offset) => x;

    /// <inheritdoc/>
    public override ChannelMap MaxPool(ChannelMap x, int kernel, int stride, Edges padding) =>
        x with { Shape = new ConvolutionSpec(x.Shape.Channels, kernel, stride, padding).Apply(x.Shape) };

    /// <inheritdoc/>
    public override ChannelMap AveragePool(ChannelMap x, int kernel, int stride) =>
        x with { Shape = new ConvolutionSpec(x.Shape.Channels, kernel, stride).Apply(x.Shape) };

    /// <inheritdoc/>
    public override ChannelMap GlobalAveragePool(ChannelMap x) => x with { Shape = new FeatureShape(x.Shape.Channels, 1, 1) };

    /// <inheritdoc/>
    public override ChannelMap UpsampleNearest(ChannelMap x) => ResizeBilinear(x, x.Shape.Height * 2, x.Shape.Width * 2);

    /// <inheritdoc/>
    public override ChannelMap ResizeBilinear(ChannelMap x, int height, int width) =>
        x with { Shape = new FeatureShape(x.Shape.Channels, height, width) };

    /// <inheritdoc/>
    public override ChannelMap Prewhiten(ChannelMap x) => Unwidened(x);

    /// <inheritdoc/>
    public override ChannelMap L2Normalise(ChannelMap x) => Unwidened(x);

    // A norm over all channels would count the repeated channels twice.
    private static ChannelMap Unwidened(ChannelMap x) => x.From.Length == x.Narrow
        ? x
        : throw new ArgumentException("A network that normalises over widened channels cannot be widened.", nameof(x));

    private ChannelMap Layer(ChannelMap x, string name, int outputs, KernelSize kernel, bool bias, bool outputsFirst, FeatureShape shape)
    {
        WeightTensor narrow = _narrow[$"{name}.weight"];
        int[] s = [.. narrow.Shape];
        int narrowOutputs = s[outputsFirst ? 0 : 1], area = kernel.Area;
        if (s[outputsFirst ? 1 : 0] != x.Narrow || narrowOutputs > outputs || s.Skip(2).Aggregate(1, (product, n) => product * n) != area)
            throw new ArgumentException(
                $"The weight '{name}.weight' is [{string.Join(", ", s)}]. It cannot be widened to {outputs} channels with kernels of "
                + $"{kernel.Height} x {kernel.Width}.");

        var result = new ChannelMap(
            shape, [.. Enumerable.Range(0, outputs).Select(o => o < narrowOutputs ? o : _random.Next(narrowOutputs))], narrowOutputs);
        float[] from = narrow.ToFloats(), shares = x.Shares();
        double deviation = _noise * Math.Sqrt(from.Average(w => (double)w * w));
        var wide = new float[outputs * shares.Length * area];
        for (int o = 0; o < outputs; o++)
        {
            for (int i = 0; i < shares.Length; i++)
            {
                int source = outputsFirst ? result.From[o] * x.Narrow + x.From[i] : x.From[i] * narrowOutputs + result.From[o];
                int target = outputsFirst ? o * shares.Length + i : i * outputs + o;
                for (int k = 0; k < area; k++)
                {
                    double noise = o < narrowOutputs || _noise == 0 ? 0 : deviation * NormalVariate.Next(_random);
                    wide[target * area + k] = (from[source * area + k] + (float)noise) * shares[i];
                }
            }
        }

        int[] wideShape = outputsFirst ? [outputs, shares.Length, .. s.Skip(2)] : [shares.Length, outputs, .. s.Skip(2)];
        _wide[$"{name}.weight"] = WeightTensor.FromFloats(wideShape, wide);
        if (bias)
            Repeat(result, $"{name}.bias");
        return result;
    }

    private void Repeat(ChannelMap x, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            float[] values = _narrow[name].ToFloats();
            _wide[name] = WeightTensor.FromFloats([x.From.Length], [.. x.From.Select(channel => values[channel])]);
        }
    }
}

/// <summary>
/// A feature map of the widened network. Each of its channels repeats a channel of the same map in the narrow network.
/// </summary>
/// <param name="Shape">The shape in the widened network.</param>
/// <param name="From">For each channel, the index of the channel in the narrow network that it repeats.</param>
/// <param name="Narrow">Number of channels in the narrow network.</param>
internal sealed record ChannelMap(FeatureShape Shape, int[] From, int Narrow)
{
    /// <summary>The factor of each channel in a sum over channels: 1 divided by the number of channels that repeat the same one.</summary>
    public float[] Shares()
    {
        var repeats = new int[Narrow];
        foreach (int channel in From)
            repeats[channel]++;
        return [.. From.Select(channel => 1f / repeats[channel])];
    }
}
