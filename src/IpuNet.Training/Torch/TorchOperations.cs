using IpuNet.Faces.Networks;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace IpuNet.Training.Torch;

/// <summary>Runs networks with TorchSharp, gradients included.</summary>
/// <param name="weights">The weights of the network.</param>
/// <param name="training">
/// True: batch norm uses the statistics of the batch and updates the running ones, and dropout is active.
/// False: batch norm uses the running statistics, and dropout does nothing, as in a served model.
/// </param>
public class TorchOperations(TorchWeights weights, bool training = false) : NetworkOperations<Tensor>
{
    private const double BatchNormMomentum = 0.1;   // the default of PyTorch

    /// <inheritdoc/>
    public override FeatureShape ShapeOf(Tensor x) => new((int)x.size(1), (int)x.size(2), (int)x.size(3));

    /// <inheritdoc/>
    public override Tensor Convolution(Tensor x, string name, ConvolutionSpec spec)
    {
        var (padded, padding) = Symmetric(x, spec.Padding);
        return functional.conv2d(
            padded, Weight(name), Bias(name, spec.Bias), strides: [spec.Stride, spec.Stride], padding: padding, groups: spec.Groups,
            dilation: [spec.Dilation, spec.Dilation]);
    }

    /// <inheritdoc/>
    public override Tensor TransposedConvolution(Tensor x, string name, ConvolutionSpec spec) =>
        functional.conv_transpose2d(
            x, Weight(name), Bias(name, spec.Bias), strides: [spec.Stride, spec.Stride], padding: [spec.Padding.Top, spec.Padding.Left]);

    /// <inheritdoc/>
    public override Tensor BatchNorm(Tensor x, string name, float epsilon) =>
        !weights.Has($"{name}.weight") ? x : functional.batch_norm(
            x, weights.Tensors[$"{name}.running_mean"], weights.Tensors[$"{name}.running_var"],
            Weight(name), Bias(name, true), training, BatchNormMomentum, epsilon);

    /// <inheritdoc/>
    public override Tensor ChannelAffine(Tensor x, string name) =>
        !weights.Has($"{name}.weight") ? x : addcmul(
            Bias(name, true)!.view(1, -1, 1, 1), x, Weight(name).view(1, -1, 1, 1), RootedScalar.Of(1));

    /// <inheritdoc/>
    public override Tensor Linear(Tensor x, string name, int outputs, bool bias) =>
        functional.linear(x.flatten(1), Weight(name), Bias(name, bias)).view(-1, outputs, 1, 1);

    /// <inheritdoc/>
    public override Tensor Relu(Tensor x) => functional.relu(x);

    /// <inheritdoc/>
    public override Tensor LeakyRelu(Tensor x, float slope) => x.leaky_relu(RootedScalar.Of(slope));

    /// <inheritdoc/>
    public override Tensor Tanh(Tensor x) => tanh(x);

    /// <inheritdoc/>
    public override Tensor Sigmoid(Tensor x) => sigmoid(x);

    /// <inheritdoc/>
    public override Tensor Clamp(Tensor x, float low, float high) => x.clamp(RootedScalar.Of(low), RootedScalar.Of(high));

    /// <inheritdoc/>
    public override Tensor Dropout(Tensor x, float probability) => training && probability > 0 ? functional.dropout(x, probability) : x;

    /// <inheritdoc/>
    public override Tensor MaxPool(Tensor x, int kernel, int stride, Edges padding) =>
        functional.max_pool2d(Pad(x, padding, double.NegativeInfinity), kernel, stride);

    /// <inheritdoc/>
    public override Tensor AveragePool(Tensor x, int kernel, int stride) => functional.avg_pool2d(x, kernel, stride);

    /// <inheritdoc/>
    public override Tensor GlobalAveragePool(Tensor x) => x.mean([2, 3], keepdim: true);

    /// <inheritdoc/>
    public override Tensor ZeroPad(Tensor x, Edges edges, int channels) =>
        edges == default && channels == 0 ? x : functional.pad(x, [edges.Left, edges.Right, edges.Top, edges.Bottom, 0, channels]);

    /// <inheritdoc/>
    public override Tensor Concatenate(Tensor a, Tensor b) => cat([a, b], 1);

    /// <inheritdoc/>
    public override Tensor Add(Tensor a, Tensor b) => a + b;

    /// <inheritdoc/>
    public override Tensor Affine(Tensor x, IReadOnlyList<float> scale, IReadOnlyList<float> offset) =>
        addcmul(Row(offset), x, Row(scale), RootedScalar.Of(1));

    /// <inheritdoc/>
    public override Tensor UpsampleNearest(Tensor x) => functional.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Nearest);

    /// <inheritdoc/>
    public override Tensor ResizeBilinear(Tensor x, int height, int width) =>
        functional.interpolate(x, size: [height, width], mode: InterpolationMode.Bilinear, align_corners: false);

    /// <inheritdoc/>
    public override Tensor Prewhiten(Tensor x)
    {
        long count = x.size(1) * x.size(2) * x.size(3);
        Tensor centred = x - x.mean([1, 2, 3], keepdim: true);
        Tensor deviation = RootedScalar.Square(centred).mean([1, 2, 3], keepdim: true).sqrt();
        return centred / deviation.clamp_min(RootedScalar.Of(1 / Math.Sqrt(count)));
    }

    /// <inheritdoc/>
    public override Tensor L2Normalise(Tensor x) => functional.normalize(x, p: 2, dim: 1);

    private Tensor Weight(string name) => weights.Tensors[$"{name}.weight"];

    /// <summary>The bias of a layer; null if it has none.</summary>
    /// <param name="name">The layer.</param>
    /// <param name="wanted">Whether the network declares a bias. A layer of a served model can have one without that.</param>
    private protected Tensor? Bias(string name, bool wanted) =>
        wanted || weights.Has($"{name}.bias") ? weights.Tensors[$"{name}.bias"] : null;

    private static Tensor Row(IReadOnlyList<float> values) => tensor([.. values], [1, values.Count, 1, 1]);

    private static (Tensor Padded, long[] Padding) Symmetric(Tensor x, Edges p) =>
        p.Left == p.Right && p.Top == p.Bottom ? (x, [p.Top, p.Left]) : (Pad(x, p, 0), [0, 0]);

    private static Tensor Pad(Tensor x, Edges p, double value) =>
        p == default ? x : functional.pad(x, [p.Left, p.Right, p.Top, p.Bottom], value: value);
}
