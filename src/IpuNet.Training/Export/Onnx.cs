using System.Runtime.InteropServices;
using Google.Protobuf;
using IpuNet.Training.Export.Protobuf;

namespace IpuNet.Training.Export;

/// <summary>Makes the parts of an ONNX model: nodes, attributes, tensors, inputs and outputs.</summary>
internal static class Onnx
{
    public static NodeProto Node(string type, string output, IEnumerable<string> inputs, params IEnumerable<AttributeProto> attributes)
    {
        var node = new NodeProto { OpType = type, Name = output };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        node.Attribute.AddRange(attributes);
        return node;
    }

    public static AttributeProto Attribute(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    public static AttributeProto Attribute(string name, float value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value };

    public static AttributeProto Attribute(string name, string value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.String, S = ByteString.CopyFromUtf8(value) };

    public static AttributeProto Attribute(string name, params IEnumerable<long> values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    public static TensorProto Floats(string name, ReadOnlySpan<float> values, params IEnumerable<long> shape) =>
        Tensor(name, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values), shape);

    public static TensorProto Halves(string name, ReadOnlySpan<Half> values, params IEnumerable<long> shape) =>
        Tensor(name, TensorProto.Types.DataType.Float16, MemoryMarshal.AsBytes(values), shape);

    public static TensorProto Bytes(string name, ReadOnlySpan<byte> values, params IEnumerable<long> shape) =>
        Tensor(name, TensorProto.Types.DataType.Uint8, values, shape);

    public static TensorProto Integers(string name, params ReadOnlySpan<long> values) =>
        Tensor(name, TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes(values), [values.Length]);

    /// <summary>
    /// An input or output. A null at the first place of the shape stands for the batch. Any other null is a free size.
    /// </summary>
    public static ValueInfoProto Value(string name, TensorProto.Types.DataType type, params IEnumerable<long?> shape)
    {
        var dimensions = new TensorShapeProto();
        dimensions.Dim.AddRange(shape.Select((n, i) => (n, i) switch
        {
            ({ } size, _) => new TensorShapeProto.Types.Dimension { DimValue = size },
            (null, 0) => new TensorShapeProto.Types.Dimension { DimParam = "N" },
            _ => new TensorShapeProto.Types.Dimension(),
        }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dimensions } },
        };
    }

    private static TensorProto Tensor(string name, TensorProto.Types.DataType type, ReadOnlySpan<byte> data, IEnumerable<long> shape)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(data) };
        tensor.Dims.AddRange(shape);
        return tensor;
    }
}
