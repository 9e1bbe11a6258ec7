using Google.Protobuf;
using IpuNet.Faces.Networks;
using IpuNet.Training.Export.Protobuf;
using DataType = IpuNet.Training.Export.Protobuf.TensorProto.Types.DataType;

namespace IpuNet.Training.Export;

/// <summary>
/// An ONNX model in the making: inputs, outputs, and the steps between them. <see cref="OnnxGraphBuilder"/> adds the steps of a
/// network. Several networks can share one graph. The batch N can have any size. The same calls give the same bytes.
/// </summary>
public sealed class OnnxGraph
{
    // Opset 18 is the first in which Resize takes axes, so that the batch can have any size. IR version 8 belongs to opset 18.
    private const int Opset = 18;
    private const int IrVersion = 8;

    private readonly List<GraphStep> _steps = [];
    private readonly List<ValueInfoProto> _inputs = [];
    private readonly List<ValueInfoProto> _outputs = [];
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>
    /// Whether images may have any height and width. The network must then be convolutional.
    /// </summary>
    public bool FreeSize { get; init; }

    /// <summary>
    /// Adds an input of 8-bit images, uint8 [N, height, width, 3], RGB.
    /// </summary>
    /// <returns>The images as floats, [N, 3, height, width], 0-255.</returns>
    /// <exception cref="ArgumentException">The name is in use.</exception>
    public OnnxValue AddImages(string name, int height, int width)
    {
        Claim(name);
        _inputs.Add(FreeSize
            ? Onnx.Value(name, DataType.Uint8, null, null, null, 3)
            : Onnx.Value(name, DataType.Uint8, null, height, width, 3));
        string channelsFirst = AddNode("Transpose", $"{name}.channels_first", [name], [Onnx.Attribute("perm", 0, 3, 1, 2)]);
        string floats = AddNode("Cast", $"{name}.floats", [channelsFirst], [Onnx.Attribute("to", (long)DataType.Float)]);
        return new OnnxValue(floats, new FeatureShape(3, height, width));
    }

    /// <summary>Adds an input of floats, [N, C, H, W].</summary>
    /// <exception cref="ArgumentException">The name is in use.</exception>
    public OnnxValue AddInput(string name, FeatureShape shape)
    {
        Claim(name);
        _inputs.Add(Onnx.Value(name, DataType.Float, null, shape.Channels, shape.Height, shape.Width));
        return new OnnxValue(name, shape);
    }

    /// <summary>Adds an output of floats: [N, C, H, W], or [N, C] if the value is a vector [C, 1, 1].</summary>
    /// <exception cref="ArgumentException">The name is in use.</exception>
    public void AddOutput(string name, OnnxValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Claim(name);
        var (channels, height, width) = value.Shape;
        bool vector = height == 1 && width == 1 && !FreeSize;
        _outputs.Add((vector, FreeSize) switch
        {
            (true, _) => Onnx.Value(name, DataType.Float, null, channels),
            (_, true) => Onnx.Value(name, DataType.Float, null, channels, null, null),
            _ => Onnx.Value(name, DataType.Float, null, channels, height, width),
        });
        Add(
            vector ? Onnx.Node("Flatten", name, [value.Name], Onnx.Attribute("axis", 1)) : Onnx.Node("Identity", name, [value.Name]),
            [value.Name], []);
    }

    /// <summary>Limits values to 0-255 and rounds them to whole numbers, halves to even. The result is still floats.</summary>
    public OnnxValue RoundToBytes(OnnxValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        string clipped = AddNode(
            "Clip", value.Name + ".clipped", [value.Name], [], [Onnx.Floats("low", [0f]), Onnx.Floats("high", [255f])]);
        return value with { Name = AddNode("Round", value.Name + ".bytes", [clipped], []) };
    }

    /// <summary>Adds an output of 8-bit images, uint8 [N, height, width, 3], RGB.</summary>
    /// <param name="name">Name of the output.</param>
    /// <param name="bytes">The images, [N, 3, height, width], as <see cref="RoundToBytes"/> returns them.</param>
    /// <exception cref="ArgumentException">The name is in use.</exception>
    public void AddPictures(string name, OnnxValue bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        Claim(name);
        _outputs.Add(Onnx.Value(name, DataType.Uint8, null, bytes.Shape.Height, bytes.Shape.Width, bytes.Shape.Channels));
        string cast = AddNode("Cast", name + ".cast", [bytes.Name], [Onnx.Attribute("to", (long)DataType.Uint8)]);
        Add(Onnx.Node("Transpose", name, [cast], Onnx.Attribute("perm", 0, 2, 3, 1)), [cast], []);
    }

    /// <summary>The content of the model file: a serialised ModelProto.</summary>
    public byte[] ToModel(WeightStorage storage = WeightStorage.Full)
    {
        var graph = new GraphProto { Name = "ipunet" };
        graph.Input.AddRange(_inputs);
        graph.Output.AddRange(_outputs);
        var writer = new GraphWriter(graph, storage);
        foreach (GraphStep step in GraphOptimiser.Optimise(_steps, _outputs.Select(o => o.Name)))
            writer.Write(step);

        var model = new ModelProto { IrVersion = IrVersion, ProducerName = "ipunet", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        return model.ToByteArray();
    }

    /// <summary>Adds one ONNX node. The constants become its last inputs. Their names begin with the name of the output.</summary>
    /// <returns>The name of the output.</returns>
    internal string AddNode(
        string type, string name, IReadOnlyList<string> inputs, IEnumerable<AttributeProto> attributes,
        IReadOnlyList<TensorProto>? constants = null)
    {
        string output = UniqueName(name);
        constants ??= [];
        foreach (TensorProto constant in constants)
            constant.Name = $"{output}.{constant.Name}";
        Add(Onnx.Node(type, output, [.. inputs, .. constants.Select(c => c.Name)], attributes), inputs, constants);
        return output;
    }

    /// <summary>Adds a step that is not one ONNX node.</summary>
    internal void Add(GraphStep step) => _steps.Add(step);

    /// <summary>The name itself; with a number behind it if it is in use.</summary>
    internal string UniqueName(string name)
    {
        string unique = name;
        for (int i = 2; !_names.Add(unique); i++)
            unique = $"{name}_{i}";
        return unique;
    }

    private void Add(NodeProto node, IReadOnlyList<string> inputs, IReadOnlyList<TensorProto> constants) =>
        _steps.Add(new NodeStep(node, inputs, constants));

    private void Claim(string name)
    {
        if (!_names.Add(name))
            throw new ArgumentException($"The graph already uses the name '{name}'.", nameof(name));
    }
}

/// <summary>A feature map [N, C, H, W], float, in an <see cref="OnnxGraph"/>.</summary>
/// <param name="Name">The name in the graph.</param>
/// <param name="Shape">The shape without the batch: [C, H, W].</param>
public sealed record OnnxValue(string Name, FeatureShape Shape);

/// <summary>Simplifies the steps of a graph before they become ONNX nodes.</summary>
internal static class GraphOptimiser
{
    /// <summary>
    /// Drops the steps that no output needs. Folds each scale and offset per channel, such as a batch norm, into the layer before it, if
    /// nothing else reads that layer.
    /// </summary>
    public static IReadOnlyList<GraphStep> Optimise(IReadOnlyList<GraphStep> steps, IEnumerable<string> outputs)
    {
        var uses = CountUses(steps, outputs);
        var kept = new List<GraphStep>();
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (GraphStep step in steps.Where(s => uses.ContainsKey(s.Output)))
        {
            if (step is AffineStep affine
                && positions.TryGetValue(affine.Input, out int at)
                && kept[at] is WeightedStep layer
                && uses[affine.Input] == 1)
            {
                kept[at] = layer.Fold(affine);
                positions[affine.Output] = at;
            }
            else
            {
                positions[step.Output] = kept.Count;
                kept.Add(step);
            }
        }

        return kept;
    }

    private static Dictionary<string, int> CountUses(IReadOnlyList<GraphStep> steps, IEnumerable<string> outputs)
    {
        var uses = outputs.ToDictionary(name => name, _ => 1, StringComparer.Ordinal);
        foreach (GraphStep step in steps.Reverse().Where(s => uses.ContainsKey(s.Output)))
        {
            foreach (string input in step.Inputs)
                uses[input] = uses.GetValueOrDefault(input) + 1;
        }

        return uses;
    }
}
