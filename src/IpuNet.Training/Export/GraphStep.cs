using IpuNet.Faces.Networks;
using IpuNet.Training.Export.Protobuf;

namespace IpuNet.Training.Export;

/// <summary>One step of a graph that is being built, in the order of execution.</summary>
/// <param name="Output">The name of what it makes.</param>
/// <param name="Inputs">The names of what it needs, constants left out.</param>
internal abstract record GraphStep(string Output, IReadOnlyList<string> Inputs);

/// <summary>A step that is one ONNX node already.</summary>
internal sealed record NodeStep(NodeProto Node, IReadOnlyList<string> Inputs, IReadOnlyList<TensorProto> Constants)
    : GraphStep(Node.Output[0], Inputs);

/// <summary>x * scale + offset, per channel. Kept apart from ONNX until it is known whether a layer before it can take it in.</summary>
internal sealed record AffineStep(string Output, string Input, float[] Scale, float[] Offset) : GraphStep(Output, [Input]);

/// <summary>A layer with weights: a convolution, a transposed convolution, or a fully connected layer.</summary>
internal sealed record WeightedStep(string Output, string Input, WeightedOperator Operator, WeightTensor Weight, float[]? Bias)
    : GraphStep(Output, [Input])
{
    /// <summary>The name that its weights are stored under.</summary>
    public required string Layer { get; init; }

    /// <summary>The node's attributes.</summary>
    public IReadOnlyList<AttributeProto> Attributes { get; init; } = [];

    /// <summary>What the weights of each output channel are multiplied with; null for 1.</summary>
    public float[]? Scale { get; init; }

    /// <summary>The axis of the weights that counts output channels.</summary>
    public int OutputAxis => Operator == WeightedOperator.ConvTranspose ? 1 : 0;

    /// <summary>This layer with a per-channel scale and offset behind it taken in.</summary>
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
