using IpuNet.Faces.Alignment;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;

namespace IpuNet.Training.Export;

/// <summary>
/// Writes networks as ONNX models that take 8-bit pictures and need nothing done before or after: input "images", uint8 [N, height, width,
/// 3],
/// RGB, the batch N free. The same network and weights give the same bytes.
/// </summary>
public static class OnnxExporter
{
    /// <summary>A network as it is; the input has the network's own size.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="outputs">
    /// Names for the first of the network's outputs, in their order; the rest, and what only they need, is left out.
    /// </param>
    /// <param name="storage">How float weights are stored.</param>
    public static byte[] Export(
        INetwork network, WeightSet weights, IReadOnlyList<string> outputs, WeightStorage storage = WeightStorage.Full)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(outputs);
        var graph = new OnnxGraph();
        OnnxValue images = graph.AddImages(TensorNames.Images, network.Input.Height, network.Input.Width);
        IReadOnlyList<OnnxValue> values = network.Forward(new OnnxGraphBuilder(graph, weights), images);
        if (outputs.Count == 0 || outputs.Count > values.Count)
            throw new ArgumentException(
                $"{network.Architecture} has {values.Count} outputs, and {outputs.Count} were named.", nameof(outputs));

        foreach (var (name, value) in outputs.Zip(values))
            graph.AddOutput(name, value);
        return graph.ToModel(storage);
    }

    /// <summary>An enhancer: "images" uint8 [N, 128, 128, 3] to "pictures", the same, rounded and limited to 0-255.</summary>
    /// <param name="network">Its first output is [N, 3, 128, 128], 0-255.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="storage">How float weights are stored.</param>
    public static byte[] ExportEnhancer(INetwork network, WeightSet weights, WeightStorage storage = WeightStorage.Full)
    {
        ArgumentNullException.ThrowIfNull(network);
        var graph = new OnnxGraph();
        FeatureShape face = new(3, FaceAligner.Size, FaceAligner.Size);
        OnnxValue images = graph.AddImages(TensorNames.Images, FaceAligner.Size, FaceAligner.Size);
        OnnxValue picture = network.Input == face
            ? network.Forward(new OnnxGraphBuilder(graph, weights), images)[0]
            : throw new ArgumentException($"{network.Architecture} takes {network.Input}; an enhancer takes {face}.", nameof(network));
        if (picture.Shape != face)
            throw new ArgumentException($"{network.Architecture} gives {picture.Shape}; an enhancer gives {face}.", nameof(network));
        graph.AddPictures(TensorNames.Pictures, graph.RoundToBytes(picture));
        return graph.ToModel(storage);
    }

    /// <summary>
    /// A recogniser: "images" uint8 [N, 128, 128, 3], aligned, resized bilinearly to the network's size, to "embeddings" [N, D] of length
    /// 1.
    /// </summary>
    /// <param name="network">Its first output is the embedding [D, 1, 1].</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="storage">How float weights are stored.</param>
    public static byte[] ExportRecogniser(INetwork network, WeightSet weights, WeightStorage storage = WeightStorage.Full)
    {
        ArgumentNullException.ThrowIfNull(network);
        var graph = new OnnxGraph();
        var builder = new OnnxGraphBuilder(graph, weights);
        OnnxValue faces = graph.AddImages(TensorNames.Images, FaceAligner.Size, FaceAligner.Size);
        OnnxValue resized = builder.ResizeBilinear(faces, network.Input.Height, network.Input.Width);
        graph.AddOutput(TensorNames.Embeddings, builder.L2Normalise(network.Forward(builder, resized)[0]));
        return graph.ToModel(storage);
    }
}
