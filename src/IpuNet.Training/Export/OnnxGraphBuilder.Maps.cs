using IpuNet.Faces.Networks;
using IpuNet.Training.Export.Protobuf;

namespace IpuNet.Training.Export;

/// <content>The operations without weights.</content>
public sealed partial class OnnxGraphBuilder
{
    // The smallest length that a vector is divided by, as in torch.nn.functional.normalize.
    private const float SmallestNorm = 1e-12f;

    /// <inheritdoc/>
    public override OnnxValue Relu(OnnxValue x) => Map("Relu", x);

    /// <inheritdoc/>
    public override OnnxValue LeakyRelu(OnnxValue x, float slope) => Map("LeakyRelu", x, [Onnx.Attribute("alpha", slope)]);

    /// <inheritdoc/>
    public override OnnxValue Tanh(OnnxValue x) => Map("Tanh", x);

    /// <inheritdoc/>
    public override OnnxValue Sigmoid(OnnxValue x) => Map("Sigmoid", x);

    /// <inheritdoc/>
    public override OnnxValue Clamp(OnnxValue x, float low, float high) =>
        Map("Clip", x, [], [Onnx.Floats("low", [low]), Onnx.Floats("high", [high])]);

    /// <inheritdoc/>
    public override OnnxValue Dropout(OnnxValue x, float probability) => x;

    /// <inheritdoc/>
    public override OnnxValue MaxPool(OnnxValue x, int kernel, int stride, Edges padding)
    {
        FeatureShape shape = Checked(x).Shape;
        var spec = new ConvolutionSpec(shape.Channels, kernel, stride, padding);
        return Node(
            "MaxPool",
            [x],
            spec.Apply(shape),
            [
                Onnx.Attribute("kernel_shape", kernel, kernel),
                Onnx.Attribute("strides", stride, stride),
                Onnx.Attribute("pads", padding.Top, padding.Left, padding.Bottom, padding.Right),
            ]);
    }

    /// <inheritdoc/>
    public override OnnxValue AveragePool(OnnxValue x, int kernel, int stride)
    {
        FeatureShape shape = Checked(x).Shape;
        return Node(
            "AveragePool",
            [x],
            new ConvolutionSpec(shape.Channels, kernel, stride).Apply(shape),
            [Onnx.Attribute("kernel_shape", kernel, kernel), Onnx.Attribute("strides", stride, stride)]);
    }

    /// <inheritdoc/>
    public override OnnxValue GlobalAveragePool(OnnxValue x) =>
        Node("GlobalAveragePool", [x], new FeatureShape(Checked(x).Shape.Channels, 1, 1));

    /// <inheritdoc/>
    public override OnnxValue ZeroPad(OnnxValue x, Edges edges, int channels)
    {
        FeatureShape shape = Checked(x).Shape;
        FeatureShape padded = new(
            shape.Channels + channels, shape.Height + edges.Top + edges.Bottom, shape.Width + edges.Left + edges.Right);
        return padded == shape
            ? x
            : Node("Pad", [x], padded, [], [Onnx.Integers("pads", 0, 0, edges.Top, edges.Left, 0, channels, edges.Bottom, edges.Right)]);
    }

    /// <inheritdoc/>
    public override OnnxValue Concatenate(OnnxValue a, OnnxValue b)
    {
        FeatureShape first = Checked(a).Shape, second = Checked(b).Shape;
        if ((first.Height, first.Width) != (second.Height, second.Width))
            throw new ArgumentException($"{first} and {second} cannot be concatenated: their heights and widths differ.", nameof(b));

        return Node("Concat", [a, b], first with { Channels = first.Channels + second.Channels }, [Onnx.Attribute("axis", 1)]);
    }

    /// <inheritdoc/>
    public override OnnxValue Add(OnnxValue a, OnnxValue b)
    {
        FeatureShape first = Checked(a).Shape, second = Checked(b).Shape;
        return first == second
            ? Node("Add", [a, b], first)
            : throw new ArgumentException($"{first} and {second} cannot be added: their shapes differ.", nameof(b));
    }

    /// <inheritdoc/>
    public override OnnxValue UpsampleNearest(OnnxValue x)
    {
        FeatureShape shape = Checked(x).Shape;
        return Resize(x, shape.Height * 2, shape.Width * 2,
        [
            Onnx.Attribute("mode", "nearest"), Onnx.Attribute("coordinate_transformation_mode", "asymmetric"),
            Onnx.Attribute("nearest_mode", "floor"),
        ]);
    }

    /// <inheritdoc/>
    public override OnnxValue ResizeBilinear(OnnxValue x, int height, int width)
    {
        FeatureShape shape = Checked(x).Shape;
        return (shape.Height, shape.Width) == (height, width)
            ? x
            : Resize(x, height, width, [Onnx.Attribute("mode", "linear"), Onnx.Attribute("coordinate_transformation_mode", "half_pixel")]);
    }

    /// <inheritdoc/>
    public override OnnxValue Prewhiten(OnnxValue x)
    {
        FeatureShape shape = Checked(x).Shape, one = new(1, 1, 1);
        float smallest = 1f / MathF.Sqrt(shape.Channels * shape.Height * shape.Width);
        OnnxValue centred = Node("Sub", [x, Mean(x)], shape);
        OnnxValue deviation = Node("Sqrt", [Mean(Node("Mul", [centred, centred], shape))], one);
        OnnxValue divisor = Node("Max", [deviation], one, [], [Onnx.Floats("smallest", [smallest])]);
        return Node("Div", [centred, divisor], shape);

        OnnxValue Mean(OnnxValue values) => Node("ReduceMean", [values], one, [], [Onnx.Integers("axes", 1, 2, 3)]);
    }

    /// <inheritdoc/>
    public override OnnxValue L2Normalise(OnnxValue x)
    {
        FeatureShape one = new(1, 1, 1);
        OnnxValue norm = Node("ReduceL2", [x], one, [], [Onnx.Integers("axes", 1, 2, 3)]);
        OnnxValue divisor = Node("Max", [norm], one, [], [Onnx.Floats("smallest", [SmallestNorm])]);
        return Node("Div", [x, divisor], Checked(x).Shape);
    }

    private OnnxValue Resize(OnnxValue x, int height, int width, IEnumerable<AttributeProto> attributes)
    {
        // The inputs "roi" and "scales" stay empty. The sizes of axes 2 and 3 replace them, so that the batch can have any size.
        string name = graph.AddNode(
            "Resize", "resize", [x.Name, "", ""], [.. attributes, Onnx.Attribute("axes", 2, 3)], [Onnx.Integers("sizes", height, width)]);
        return new OnnxValue(name, x.Shape with { Height = height, Width = width });
    }

    private OnnxValue Map(
        string type, OnnxValue x, IEnumerable<AttributeProto>? attributes = null, IReadOnlyList<TensorProto>? constants = null) =>
        Node(type, [x], Checked(x).Shape, attributes, constants);

    private OnnxValue Node(
        string type, OnnxValue[] inputs, FeatureShape shape, IEnumerable<AttributeProto>? attributes = null,
        IReadOnlyList<TensorProto>? constants = null)
    {
        string name = graph.AddNode(
            type, type.ToLowerInvariant(), [.. inputs.Select(i => Checked(i).Name)], attributes ?? [], constants);
        return new OnnxValue(name, shape);
    }
}
