using Google.Protobuf.Collections;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Training.Export.Protobuf;
using DataType = IpuNet.Training.Export.Protobuf.TensorProto.Types.DataType;

namespace IpuNet.Training.Import.ArcFace;

/// <summary>
/// The ONNX graph of an ArcFace-like recogniser, checked before anything runs it. It has one input float32 [N, 3, 112, 112] and one output
/// float32 [N, D]. All weights are in the file, and all operators are usual in such networks.
/// </summary>
internal sealed record ArcFaceGraph
{
    // The largest of insightface, a ResNet-100, has 261 MB.
    private const long MaxBytes = 512L << 20;
    private const int MaxNodes = 20_000, MinDimensions = 16, MaxDimensions = 8192;

    // ONNX Runtime promises to run this version and later ones.
    private const long OldestOpset = 7;

    // Graphs that came from MXNet scale the pixels themselves. As insightface does, the check looks for that among the first nodes.
    private const int FirstNodes = 8;

    // No loops, no branches, and no operators that make a large tensor from a small number.
    private static readonly HashSet<string> Operators = new(StringComparer.Ordinal)
    {
        "Abs", "Add", "AveragePool", "BatchNormalization", "Cast", "Clip", "Concat", "Constant", "Conv", "DepthToSpace", "DequantizeLinear",
        "Div", "Dropout", "Elu", "Erf",
        "Flatten", "Gather", "Gelu", "Gemm", "GlobalAveragePool", "GlobalMaxPool", "HardSigmoid", "HardSwish", "Identity",
        "InstanceNormalization", "LayerNormalization", "LeakyRelu",
        "LpNormalization", "MatMul", "Max", "MaxPool", "Min", "Mul", "Neg", "PRelu", "Pow", "QuantizeLinear", "Reciprocal", "ReduceL2",
        "ReduceMax", "ReduceMean", "ReduceSum", "Relu", "Reshape",
        "Shape", "Sigmoid", "Slice", "Softmax", "Softplus", "Split", "Sqrt", "Squeeze", "Sub", "Sum", "Tanh", "Transpose", "Unsqueeze",
    };

    private ArcFaceGraph(string input, string output, int dimensions, bool scalesPixels) =>
        (Input, Output, Dimensions, ScalesPixels) = (input, output, dimensions, scalesPixels);

    /// <summary>Name of the input.</summary>
    public string Input { get; }

    /// <summary>Name of the output.</summary>
    public string Output { get; }

    /// <summary>Length of an embedding.</summary>
    public int Dimensions { get; }

    /// <summary>Whether the graph takes pixels of 0-255 and scales them itself.</summary>
    public bool ScalesPixels { get; }

    /// <summary>Reads a file of at most 512 MiB.</summary>
    /// <exception cref="FaceDataException">The file is missing, too long, or cannot be read.</exception>
    public static byte[] ReadFile(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            if (file.Length > MaxBytes)
                throw new FaceDataException($"{path}: {file.Length:N0} bytes are over the limit of {MaxBytes:N0} for a recogniser.");
            var data = new byte[file.Length];
            file.ReadExactly(data);
            return data;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FaceDataException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads and checks the graph of a file.</summary>
    /// <param name="data">The content of the file.</param>
    /// <param name="path">Name for errors.</param>
    /// <exception cref="FaceDataException">
    /// The content is not an ONNX file, or the graph does not fit. The message lists all that does not fit.
    /// </exception>
    public static ArcFaceGraph Read(byte[] data, string path)
    {
        ModelProto model;
        try
        {
            model = OnnxFile.Parse(data);
        }
        catch (InvalidDataException e)
        {
            throw new FaceDataException($"{path}: cannot be read as an ONNX file: {e.Message}", e);
        }
        if (model.Graph is null)
            throw new FaceDataException($"{path}: cannot be read as an ONNX file: it has no graph.");

        // Files of old versions list the weights among the inputs.
        HashSet<string> weights = [.. model.Graph.Initializer.Select(weight => weight.Name)];
        ValueInfoProto[] inputs = [.. model.Graph.Input.Where(input => !weights.Contains(input.Name))];
        string[] problems = [.. Version(model), .. Nodes(model.Graph), .. Weights(model.Graph), .. Ends(inputs, model.Graph.Output)];
        if (problems.Length > 0)
            throw new FaceDataException(
                $"{path}: does not fit as an ArcFace-like "
                + $"recogniser:{string.Concat(problems.Select(problem => $"{Environment.NewLine}  - {problem}"))}");
        return new ArcFaceGraph(
            inputs[0].Name, model.Graph.Output[0].Name, (int)Dimension(model.Graph.Output[0], 1)!.Value, DoesScalePixels(model.Graph));
    }

    private static IEnumerable<string> Version(ModelProto model)
    {
        long? opset = model.OpsetImport.FirstOrDefault(set => IsOnnx(set.Domain))?.Version;
        if (opset is null)
            yield return "it names no version of the ONNX operators";
        else if (opset < OldestOpset)
            yield return $"its operators are of version {opset}; ONNX Runtime needs {OldestOpset} or later";
        string[] others = [.. model.OpsetImport.Where(set => !IsOnnx(set.Domain)).Select(set => set.Domain)];
        if (others.Length > 0)
            yield return $"it uses operators that are not from ONNX: {string.Join(", ", others)}";
        if (model.Functions.Count > 0)
            yield return "it has functions of its own";
    }

    private static IEnumerable<string> Nodes(GraphProto graph)
    {
        if (graph.Node.Count is 0 or > MaxNodes)
            yield return $"it has {graph.Node.Count:N0} nodes; a recogniser has 1 to {MaxNodes:N0}";
        string[] unknown = [
            .. graph.Node.Where(node => !IsOnnx(node.Domain) || !Operators.Contains(node.OpType)).Select(
                node => node.OpType).Distinct().Order(StringComparer.Ordinal)];
        if (unknown.Length > 0)
            yield return $"it has operators that are not expected in a recogniser: {string.Join(", ", unknown)}";
        if (graph.Node.Any(node => node.Attribute.Any(attribute => attribute.G is not null || attribute.Graphs.Count > 0)))
            yield return "it has graphs within the graph";
    }

    private static IEnumerable<string> Weights(GraphProto graph)
    {
        IEnumerable<TensorProto> constants = graph.Node.SelectMany(
            node => node.Attribute).SelectMany(attribute => attribute.Tensors.Append(attribute.T)).OfType<TensorProto>();
        string[] outside = [.. graph.Initializer.Concat(constants)
            .Where(tensor => tensor.ExternalData.Count > 0 || tensor.DataLocation == TensorProto.Types.DataLocation.External).Select(
                tensor => $"'{tensor.Name}'")];
        if (outside.Length > 0)
        {
            string more = outside.Length > 3 ? $" and {outside.Length - 3:N0} more" : "";
            yield return $"its weights are in other files, but only one file can be imported: {string.Join(", ", outside.Take(3))}{more}";
        }

        if (graph.SparseInitializer.Count > 0)
            yield return "it has sparse weights";
    }

    private static IEnumerable<string> Ends(ValueInfoProto[] inputs, RepeatedField<ValueInfoProto> outputs)
    {
        if (inputs.Length != 1 || !IsFloat(inputs[0]) || Rank(inputs[0]) != 4 || !IsBatch(inputs[0])

                || Dimension(inputs[0], 1) != 3 || Dimension(inputs[0], 2) != InsightFaceFrame.Size
                || Dimension(inputs[0], 3) != InsightFaceFrame.Size)
        {
            yield return $"its input is not one float32 [N, 3, {InsightFaceFrame.Size}, {InsightFaceFrame.Size}], channels first, N free "
                + $"or 1, but {Describe(inputs)}";
        }
        if (outputs.Count != 1 || !IsFloat(outputs[0]) || Rank(outputs[0]) != 2
            || Dimension(outputs[0], 1) is not (>= MinDimensions and <= MaxDimensions))
            yield return $"its output is not one float32 [N, D] with D in {MinDimensions}-{MaxDimensions:N0}, but {Describe(outputs)}";
    }

    private static bool DoesScalePixels(GraphProto graph)
    {
        string[] first = [.. graph.Node.Take(FirstNodes).Select(node => node.OpType)];
        return first.Contains("Sub") && (first.Contains("Mul") || first.Contains("Div"));
    }

    private static bool IsOnnx(string domain) => domain is "" or "ai.onnx";

    private static bool IsFloat(ValueInfoProto value) => value.Type?.TensorType?.ElemType == (int)DataType.Float;

    private static int Rank(ValueInfoProto value) => value.Type?.TensorType?.Shape?.Dim.Count ?? 0;

    // Null if the dimension is free.
    private static long? Dimension(ValueInfoProto value, int index) =>
        value.Type.TensorType.Shape.Dim[index] is { ValueCase: TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue } fixedSize
            ? fixedSize.DimValue
            : null;

    private static bool IsBatch(ValueInfoProto value) => Dimension(value, 0) is null or 1 or < 1;

    private static string Describe(IReadOnlyCollection<ValueInfoProto> values) => values.Count == 0
        ? "none"
        : string.Join(", ", values.Select(value => $"'{value.Name}' {TypeOf(value)} [{ShapeOf(value)}]"));

    private static DataType TypeOf(ValueInfoProto value) => (DataType)(value.Type?.TensorType?.ElemType ?? 0);

    private static string ShapeOf(ValueInfoProto value) => string.Join(", ", Enumerable.Range(0, Rank(value)).Select(
        i => Dimension(value, i)?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "N"));
}
