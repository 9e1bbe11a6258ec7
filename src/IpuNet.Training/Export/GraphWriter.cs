using IpuNet.Faces.Networks;
using IpuNet.Training.Export.Protobuf;

namespace IpuNet.Training.Export;

/// <summary>Writes the optimised steps of a graph as ONNX nodes and initialisers.</summary>
internal sealed class GraphWriter(GraphProto graph, WeightStorage storage)
{
    public void Write(GraphStep step)
    {
        switch (step)
        {
            case NodeStep node:
                graph.Initializer.AddRange(node.Constants);
                graph.Node.Add(node.Node);
                break;
            case AffineStep affine:
                WriteAffine(affine);
                break;
            case WeightedStep { Operator: WeightedOperator.Gemm } linear:
                WriteLinear(linear);
                break;
            case WeightedStep convolution:
                WriteLayer(convolution, convolution.Input, convolution.Output);
                break;
        }
    }

    private void WriteAffine(AffineStep step)
    {
        string product = step.Output + ".product", scale = step.Output + ".scale", offset = step.Output + ".offset";
        graph.Initializer.Add(Onnx.Floats(scale, step.Scale, 1, step.Scale.Length, 1, 1));
        graph.Initializer.Add(Onnx.Floats(offset, step.Offset, 1, step.Offset.Length, 1, 1));
        graph.Node.Add(Onnx.Node("Mul", product, [step.Input, scale]));
        graph.Node.Add(Onnx.Node("Add", step.Output, [product, offset]));
    }

    private void WriteLinear(WeightedStep step)
    {
        string rows = step.Output + ".rows", product = step.Output + ".product", axes = step.Output + ".axes";
        graph.Node.Add(Onnx.Node("Flatten", rows, [step.Input], Onnx.Attribute("axis", 1)));
        WriteLayer(step, rows, product);
        graph.Initializer.Add(Onnx.Integers(axes, 2, 3));
        graph.Node.Add(Onnx.Node("Unsqueeze", step.Output, [product, axes]));
    }

    private void WriteLayer(WeightedStep step, string input, string output)
    {
        List<string> inputs = [input, WriteWeight(step)];
        if (step.Bias is not null)
        {
            inputs.Add(step.Layer + ".bias");
            graph.Initializer.Add(Onnx.Floats(inputs[^1], step.Bias, step.Bias.Length));
        }

        graph.Node.Add(Onnx.Node(step.Operator.ToString(), output, inputs, step.Attributes));
    }

    private string WriteWeight(WeightedStep step)
    {
        // DequantizeLinear expects positive scales. Folding can make the scale of a channel negative. Such weights are stored as floats.
        if (step.Weight.Bytes is { } bytes && (step.Scale is null || step.Scale.All(s => s > 0)))
            return WriteBytes(step, bytes);

        string name = step.Layer + ".weight";
        float[] values = ScaledWeights(step);
        if (storage == WeightStorage.Full || values.Any(v => !Half.IsFinite((Half)v)))
        {
            graph.Initializer.Add(Onnx.Floats(name, values, Dimensions(step.Weight)));
            return name;
        }

        string half = name + ".half";
        graph.Initializer.Add(Onnx.Halves(half, Array.ConvertAll(values, v => (Half)v), Dimensions(step.Weight)));
        graph.Node.Add(Onnx.Node("Cast", name, [half], Onnx.Attribute("to", (long)TensorProto.Types.DataType.Float)));
        return name;
    }

    private string WriteBytes(WeightedStep step, byte[] bytes)
    {
        string name = step.Layer + ".weight", quantised = name + ".quantised", scale = name + ".scale", zero = name + ".zero_point";
        WeightTensor weight = step.Weight;
        graph.Initializer.Add(Onnx.Bytes(quantised, bytes, Dimensions(weight)));
        if (step.Scale is { } scales)
        {
            graph.Initializer.Add(Onnx.Floats(scale, Array.ConvertAll(scales, s => s * weight.Scale), scales.Length));
            graph.Initializer.Add(Onnx.Bytes(zero, Enumerable.Repeat(weight.ZeroPoint, scales.Length).ToArray(), scales.Length));
            graph.Node.Add(Onnx.Node("DequantizeLinear", name, [quantised, scale, zero], Onnx.Attribute("axis", step.OutputAxis)));
        }
        else
        {
            graph.Initializer.Add(Onnx.Floats(scale, [weight.Scale]));
            graph.Initializer.Add(Onnx.Bytes(zero, [weight.ZeroPoint]));
            graph.Node.Add(Onnx.Node("DequantizeLinear", name, [quantised, scale, zero]));
        }

        return name;
    }

    private static float[] ScaledWeights(WeightedStep step)
    {
        float[] values = step.Weight.ToFloats();
        if (step.Scale is not { } scale)
            return values;

        int inner = step.Weight.Shape.Skip(step.OutputAxis + 1).Aggregate(1, (product, n) => product * n);
        return [.. values.Select((v, i) => v * scale[i / inner % scale.Length])];
    }

    private static IEnumerable<long> Dimensions(WeightTensor weight) => weight.Shape.Select(n => (long)n);
}

/// <summary>One step of a graph.</summary>
/// <param name="Output">Name of the output.</param>
/// <param name="Inputs">Names of the inputs, without the constants.</param>
internal abstract record GraphStep(string Output, IReadOnlyList<string> Inputs);

/// <summary>A step that becomes one ONNX node as it is.</summary>
internal sealed record NodeStep(NodeProto Node, IReadOnlyList<string> Inputs, IReadOnlyList<TensorProto> Constants)
    : GraphStep(Node.Output[0], Inputs);

/// <summary>
/// x * scale + offset, per channel. It stays a step of its own until <see cref="GraphOptimiser"/> knows if it can be folded into a layer.
/// </summary>
internal sealed record AffineStep(string Output, string Input, float[] Scale, float[] Offset) : GraphStep(Output, [Input]);

/// <summary>A layer with weights: a convolution, a transposed convolution, or a fully connected layer.</summary>
internal sealed record WeightedStep(string Output, string Input, WeightedOperator Operator, WeightTensor Weight, float[]? Bias)
    : GraphStep(Output, [Input])
{
    /// <summary>The beginning of the names of the weights in the file.</summary>
    public required string Layer { get; init; }

    /// <summary>The attributes of the ONNX node.</summary>
    public IReadOnlyList<AttributeProto> Attributes { get; init; } = [];

    /// <summary>The factors for the weights, one for each output channel; null for 1.</summary>
    public float[]? Scale { get; init; }

    /// <summary>The axis of the weights that stands for the output channels.</summary>
    public int OutputAxis => Operator == WeightedOperator.ConvTranspose ? 1 : 0;

    /// <summary>This layer together with the scale and offset behind it.</summary>
    public WeightedStep Fold(AffineStep affine) => this with
    {
        Output = affine.Output,
        Scale = Scale is null ? affine.Scale : [.. Scale.Zip(affine.Scale, (a, b) => a * b)],
        Bias = Bias is null ? affine.Offset : [.. Bias.Select((b, i) => b * affine.Scale[i] + affine.Offset[i])],
    };
}

/// <summary>The ONNX operator of a layer with weights.</summary>
internal enum WeightedOperator
{
    Conv,
    ConvTranspose,
    Gemm,
}
