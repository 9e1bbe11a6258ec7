using IpuNet.Faces.Networks;
using IpuNet.Training.Export.Protobuf;

namespace IpuNet.Training.Export;

/// <summary>
/// Writes a network with its weights into an <see cref="OnnxGraph"/>. Batch norms and other scales and offsets per channel become part of
/// the layer before them, if nothing else reads that layer.
/// </summary>
/// <param name="graph">The graph that gets the steps.</param>
/// <param name="weights">
/// The weights of the network. A layer throws an exception if one of its weights is missing or has another shape.
/// </param>
public sealed partial class OnnxGraphBuilder(OnnxGraph graph, WeightSet weights) : NetworkOperations<OnnxValue>
{
    /// <inheritdoc/>
    public override FeatureShape ShapeOf(OnnxValue x) => Checked(x).Shape;

    /// <inheritdoc/>
    public override OnnxValue Convolution(OnnxValue x, string name, ConvolutionSpec spec)
    {
        FeatureShape shape = Checked(x).Shape;
        int[] weightShape = [spec.Outputs, shape.Channels / spec.Groups, spec.Kernel.Height, spec.Kernel.Width];
        return AddLayer(x, name, WeightedOperator.Conv, weightShape, spec.Bias, spec.Apply(shape), ConvolutionAttributes(spec));
    }

    /// <inheritdoc/>
    public override OnnxValue TransposedConvolution(OnnxValue x, string name, ConvolutionSpec spec)
    {
        if (spec.Groups != 1)
            throw new ArgumentException(
                $"The transposed convolution '{name}' has {spec.Groups} groups; only 1 is supported.", nameof(spec));

        FeatureShape shape = Checked(x).Shape;
        int[] weightShape = [shape.Channels, spec.Outputs, spec.Kernel.Height, spec.Kernel.Width];
        return AddLayer(
            x, name, WeightedOperator.ConvTranspose, weightShape, spec.Bias, spec.ApplyTransposed(shape), ConvolutionAttributes(spec));
    }

    /// <inheritdoc/>
    public override OnnxValue Linear(OnnxValue x, string name, int outputs, bool bias)
    {
        FeatureShape shape = Checked(x).Shape;
        if (shape is not { Height: 1, Width: 1 })
            throw new ArgumentException($"The fully connected layer '{name}' takes a vector [C, 1, 1], not {shape}.", nameof(x));

        return AddLayer(
            x, name, WeightedOperator.Gemm, [outputs, shape.Channels], bias, new FeatureShape(outputs, 1, 1),
            [Onnx.Attribute("transB", 1)]);
    }

    /// <inheritdoc/>
    public override OnnxValue BatchNorm(OnnxValue x, string name, float epsilon)
    {
        int channels = Checked(x).Shape.Channels;
        float[] weight = Floats($"{name}.weight", channels), bias = Floats($"{name}.bias", channels);
        float[] mean = Floats($"{name}.running_mean", channels), variance = Floats($"{name}.running_var", channels);
        float[] scale = [.. weight.Select((w, c) => w / MathF.Sqrt(variance[c] + epsilon))];
        return AddAffine(x, name, scale, [.. bias.Select((b, c) => b - mean[c] * scale[c])]);
    }

    /// <inheritdoc/>
    public override OnnxValue ChannelAffine(OnnxValue x, string name)
    {
        int channels = Checked(x).Shape.Channels;
        return AddAffine(x, name, Floats($"{name}.weight", channels), Floats($"{name}.bias", channels));
    }

    /// <inheritdoc/>
    public override OnnxValue Affine(OnnxValue x, IReadOnlyList<float> scale, IReadOnlyList<float> offset)
    {
        int channels = Checked(x).Shape.Channels;
        return AddAffine(x, "affine", PerChannel(scale, channels), PerChannel(offset, channels));
    }

    private static float[] PerChannel(IReadOnlyList<float> values, int channels)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Count == channels)
            return [.. values];
        return values.Count == 1
            ? [.. Enumerable.Repeat(values[0], channels)]
            : throw new ArgumentException(
                $"{values.Count} values for {channels} channels: give one value for each channel, or one for all.", nameof(values));
    }

    private OnnxValue AddAffine(OnnxValue x, string name, float[] scale, float[] offset)
    {
        string output = graph.UniqueName(name);
        graph.Add(new AffineStep(output, x.Name, scale, offset));
        return x with { Name = output };
    }

    private OnnxValue AddLayer(
        OnnxValue x, string name, WeightedOperator type, int[] weightShape, bool bias, FeatureShape shape,
        IReadOnlyList<AttributeProto> attributes)
    {
        WeightTensor weight = Weight($"{name}.weight", weightShape);
        string output = graph.UniqueName(name);
        graph.Add(new WeightedStep(output, x.Name, type, weight, bias ? Floats($"{name}.bias", shape.Channels) : null)
        {
            Layer = output,
            Attributes = attributes,
        });
        return new OnnxValue(output, shape);
    }

    private static AttributeProto[] ConvolutionAttributes(ConvolutionSpec spec) =>
    [
        Onnx.Attribute("kernel_shape", spec.Kernel.Height, spec.Kernel.Width),
        Onnx.Attribute("strides", spec.Stride, spec.Stride),
        Onnx.Attribute("pads", spec.Padding.Top, spec.Padding.Left, spec.Padding.Bottom, spec.Padding.Right),
        Onnx.Attribute("group", (long)spec.Groups),
        .. spec.Dilation == 1 ? [] : (AttributeProto[])[Onnx.Attribute("dilations", spec.Dilation, spec.Dilation)],
    ];

    private float[] Floats(string name, int count) => Weight(name, [count]).ToFloats();

    private WeightTensor Weight(string name, int[] shape)
    {
        WeightTensor weight = weights[name];
        return weight.Shape.SequenceEqual(shape)
            ? weight
            : throw new ArgumentException(
                $"The weight '{name}' is [{string.Join(", ", weight.Shape)}], the network needs [{string.Join(", ", shape)}]. "
                + "Use the weights of this network.");
    }

    private static OnnxValue Checked(OnnxValue x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return x;
    }
}
