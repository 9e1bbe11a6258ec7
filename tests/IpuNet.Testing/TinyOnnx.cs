using Google.Protobuf;
using IpuNet.Faces.Alignment;

namespace IpuNet.Testing;

/// <summary>Writes ONNX models of a few nodes, for tests that need a fast model.</summary>
public static class TinyOnnx
{
    private const int Uint8 = 2, Float = 1, Opset = 18, IrVersion = 8;

    // A size that the model does not fix.
    private const int Free = 0;

    // Field numbers of onnx.proto.
    private const int ModelIrVersion = 1, ModelGraph = 7, ModelOpsets = 8, OpsetVersion = 2;
    private const int GraphNode = 1, GraphName = 2, GraphInput = 11, GraphOutput = 12;
    private const int NodeInput = 1, NodeOutput = 2, NodeType = 4, NodeAttribute = 5;
    private const int AttributeName = 1, AttributeFloat = 2, AttributeInt = 3, AttributeFloats = 7, AttributeInts = 8, AttributeType = 20;
    private const int TypeFloat = 1, TypeInt = 2, TypeFloats = 6, TypeInts = 7;

    /// <summary>An enhancer that returns its images unchanged.</summary>
    public static byte[] Copying() => Model(128, ("pictures", Uint8, [128, 128, 3]), Node("Identity", "images", "pictures"));

    /// <summary>An enhancer that returns the negatives of its images.</summary>
    public static byte[] Inverting() => Model(128, ("pictures", Uint8, [128, 128, 3]), Node("BitwiseNot", "images", "pictures"));

    /// <summary>An enhancer that makes its images brighter.</summary>
    /// <param name="by">Number to add to each channel, on the scale 0-255.</param>
    public static byte[] Brightening(float by) => Model(
        128,
        ("pictures", Uint8, [128, 128, 3]),
        Constant("by", by),
        Constant("black", 0),
        Constant("white", 255),
        Node("Cast", "images", "floats", Int("to", Float)),
        Node("Add", ["floats", "by"], "brighter"),
        Node("Clip", ["brighter", "black", "white"], "clipped"),
        Node("Cast", "clipped", "pictures", Int("to", Uint8)));

    /// <summary>
    /// A recogniser that returns the image itself as the embedding: its means over square cells, with length 1.
    /// </summary>
    /// <param name="cell">Side of a cell in pixels, a divisor of 128.</param>
    public static byte[] Pooling(int cell)
    {
        int cells = 128 / cell;
        return Model(
            128,
            ("embeddings", Float, [cells * cells * 3]),
            Node("Cast", "images", "floats", Int("to", Float)),
            Node("Transpose", "floats", "planes", Ints("perm", 0, 3, 1, 2)),
            Node("AveragePool", "planes", "cells", Ints("kernel_shape", cell, cell), Ints("strides", cell, cell)),
            Node("Flatten", "cells", "flat", Int("axis", 1)),
            Node("LpNormalization", "flat", "embeddings", Int("axis", 1), Int("p", 2)));
    }

    /// <summary>A recogniser that returns embeddings without length 1.</summary>
    public static byte[] NotNormalising() => Model(
        128, ("embeddings", Float, [128 * 128 * 3]), Node("Cast", "images", "floats", Int("to", Float)),
        Node("Flatten", "floats", "embeddings", Int("axis", 1)));

    /// <summary>
    /// An aligner that takes every crop for its own aligned face. It is not sure enough for a find of which the detector is not sure
    /// itself, such as those in made-up pictures.
    /// </summary>
    public static byte[] Agreeing() => Model(
        LooseSquare.Size,
        ("alignment", Float, [FaceAlignment.Values]),
        Constants("answer", 1 / LooseSquare.Sides, 0, 0, 0, -5, 1.4f),
        Constant("nothing", 0),
        Node("Cast", "images", "floats", Int("to", Float)),
        Node("Transpose", "floats", "planes", Ints("perm", 0, 3, 1, 2)),
        Node("GlobalAveragePool", "planes", "means"),
        Node("Flatten", "means", "three", Int("axis", 1)),
        Node("Concat", ["three", "three"], "six", Int("axis", 1)),
        Node("Mul", ["six", "nothing"], "zeros"),
        Node("Add", ["zeros", "answer"], "alignment"));

    /// <summary>A detector that finds nothing: none of its values is a number. So every picture is a crop.</summary>
    public static byte[] Blind() => Model(
        Free,
        [
            ("map0", Float, [18, Free, Free]), ("map1", Float, [12, Free, Free]), ("map2", Float, [12, Free, Free]),
            ("map3", Float, [18, Free, Free]),
        ],
        Constant("never", float.NaN),
        Node("Cast", "images", "floats", Int("to", Float)),
        Node("Transpose", "floats", "planes", Ints("perm", 0, 3, 1, 2)),
        Node("AveragePool", "planes", "cells", Ints("kernel_shape", 8, 8), Ints("strides", 8, 8)),
        Node("Add", ["cells", "never"], "three"),
        Node("Concat", ["three", "three", "three", "three", "three", "three"], "map0", Int("axis", 1)),
        Node("Concat", ["three", "three", "three", "three"], "map1", Int("axis", 1)),
        Node("Identity", "map1", "map2"),
        Node("Identity", "map0", "map3"));

    private static byte[] Model(int size, (string Name, int Type, int[] Shape) output, params byte[][] nodes) =>
        Model(size, [output], nodes);

    private static byte[] Model(int size, (string Name, int Type, int[] Shape)[] outputs, params byte[][] nodes) => Message(w =>
    {
        w.WriteTag(ModelIrVersion, WireFormat.WireType.Varint);
        w.WriteInt64(IrVersion);
        Write(w, ModelGraph, Message(graph =>
        {
            foreach (byte[] node in nodes)
                Write(graph, GraphNode, node);
            Write(graph, GraphName, "tiny");
            Write(graph, GraphInput, Value("images", Uint8, [size, size, 3]));
            foreach (var (name, type, shape) in outputs)
                Write(graph, GraphOutput, Value(name, type, shape));
        }));
        Write(w, ModelOpsets, Message(opset =>
        {
            opset.WriteTag(OpsetVersion, WireFormat.WireType.Varint);
            opset.WriteInt64(Opset);
        }));
    });

    private static byte[] Constant(string output, float value) => Node("Constant", [], output, Message(w =>
    {
        Write(w, AttributeName, "value_float");
        w.WriteTag(AttributeFloat, WireFormat.WireType.Fixed32);
        w.WriteFloat(value);
        w.WriteTag(AttributeType, WireFormat.WireType.Varint);
        w.WriteInt64(TypeFloat);
    }));

    private static byte[] Constants(string output, params float[] values) => Node("Constant", [], output, Message(w =>
    {
        Write(w, AttributeName, "value_floats");
        foreach (float value in values)
        {
            w.WriteTag(AttributeFloats, WireFormat.WireType.Fixed32);
            w.WriteFloat(value);
        }

        w.WriteTag(AttributeType, WireFormat.WireType.Varint);
        w.WriteInt64(TypeFloats);
    }));

    private static byte[] Node(string type, string input, string output, params byte[][] attributes) =>
        Node(type, [input], output, attributes);

    private static byte[] Node(string type, string[] inputs, string output, params byte[][] attributes) => Message(w =>
    {
        foreach (string input in inputs)
            Write(w, NodeInput, input);
        Write(w, NodeOutput, output);
        Write(w, NodeType, type);
        foreach (byte[] attribute in attributes)
            Write(w, NodeAttribute, attribute);
    });

    private static byte[] Int(string name, int value) => Attribute(name, TypeInt, AttributeInt, value);

    private static byte[] Ints(string name, params int[] values) => Attribute(name, TypeInts, AttributeInts, values);

    private static byte[] Attribute(string name, int type, int field, params int[] values) => Message(w =>
    {
        Write(w, AttributeName, name);
        foreach (int value in values)
        {
            w.WriteTag(field, WireFormat.WireType.Varint);
            w.WriteInt64(value);
        }

        w.WriteTag(AttributeType, WireFormat.WireType.Varint);
        w.WriteInt64(type);
    });

    // ValueInfoProto { name = 1, type = 2 { tensor_type = 1 { elem_type = 1, shape = 2 { dim = 1 { dim_value = 1 | dim_param = 2 } } } } }
    private static byte[] Value(string name, int type, int[] shape) => Message(w =>
    {
        Write(w, 1, name);
        Write(w, 2, Message(t => Write(t, 1, Message(tensor =>
        {
            tensor.WriteTag(1, WireFormat.WireType.Varint);
            tensor.WriteInt64(type);
            Write(tensor, 2, Message(dimensions =>
            {
                Write(dimensions, 1, Message(batch => Write(batch, 2, "N")));
                foreach (int size in shape)
                    Write(dimensions, 1, Message(dimension =>
                    {
                        if (size == Free)
                        {
                            Write(dimension, 2, "any");
                            return;
                        }

                        dimension.WriteTag(1, WireFormat.WireType.Varint);
                        dimension.WriteInt64(size);
                    }));
            }));
        }))));
    });

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var bytes = new MemoryStream();
        using (var writer = new CodedOutputStream(bytes, leaveOpen: true))
            write(writer);
        return bytes.ToArray();
    }

    private static void Write(CodedOutputStream writer, int field, byte[] message)
    {
        writer.WriteTag(field, WireFormat.WireType.LengthDelimited);
        writer.WriteBytes(ByteString.CopyFrom(message));
    }

    private static void Write(CodedOutputStream writer, int field, string text)
    {
        writer.WriteTag(field, WireFormat.WireType.LengthDelimited);
        writer.WriteString(text);
    }
}
