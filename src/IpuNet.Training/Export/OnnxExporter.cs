using IpuNet.Faces.Alignment;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;

namespace IpuNet.Training.Export;

/// <summary>
/// Writes networks as ONNX models. A model takes 8-bit images and needs no other step before or after it. Its input is "images", uint8
/// [N, height, width, 3], RGB, where the batch N can have any size. The same network and weights give the same bytes.
/// </summary>
public static class OnnxExporter
{
    /// <summary>Writes a network without changes. The input has the size that the network has.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">The weights of the network.</param>
    /// <param name="outputs">
    /// Names for the outputs of the network, in its order. Outputs beyond these names are left out, and so is all that only they need.
    /// </param>
    /// <param name="storage">How float weights are stored.</param>
    /// <param name="freeSize">Whether images may have any height and width. The network must then be convolutional.</param>
    /// <returns>The content of the model file.</returns>
    /// <exception cref="ArgumentException">There are no names or more names than outputs, or a weight has another shape.</exception>
    public static byte[] Export(
        INetwork network, WeightSet weights, IReadOnlyList<string> outputs, WeightStorage storage = WeightStorage.Full,
        bool freeSize = false)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(outputs);
        var graph = new OnnxGraph { FreeSize = freeSize };
        OnnxValue images = graph.AddImages(TensorNames.Images, network.Input.Height, network.Input.Width);
        IReadOnlyList<OnnxValue> values = network.Forward(new OnnxGraphBuilder(graph, weights), images);
        if (outputs.Count == 0 || outputs.Count > values.Count)
            throw new ArgumentException(
                $"{network.Architecture} has {values.Count} outputs, and {outputs.Count} were named.", nameof(outputs));

        foreach (var (name, value) in outputs.Zip(values))
            graph.AddOutput(name, value);
        return graph.ToModel(storage);
    }

    /// <summary>
    /// Writes an enhancer. It turns "images", uint8 [N, 128, 128, 3], into "pictures", uint8 [N, 128, 128, 3]. The values are rounded and
    /// limited to 0-255.
    /// </summary>
    /// <param name="network">The network. Its first output is [N, 3, 128, 128], 0-255.</param>
    /// <param name="weights">The weights of the network.</param>
    /// <param name="storage">How float weights are stored.</param>
    /// <returns>The content of the model file.</returns>
    /// <exception cref="ArgumentException">The network has another input or output, or a weight has another shape.</exception>
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
    /// Writes a recogniser. It turns aligned faces "images", uint8 [N, 128, 128, 3], into "embeddings", float [N, D], of length 1. The
    /// model resizes the faces bilinearly to the size that the network needs.
    /// </summary>
    /// <param name="network">The network. Its first output is the embedding [D, 1, 1].</param>
    /// <param name="weights">The weights of the network.</param>
    /// <param name="storage">How float weights are stored.</param>
    /// <returns>The content of the model file.</returns>
    /// <exception cref="ArgumentException">A weight has another shape.</exception>
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
