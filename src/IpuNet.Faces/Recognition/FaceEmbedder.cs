using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Telemetry;

namespace IpuNet.Faces.Recognition;

/// <summary>Runs a recogniser: makes embeddings of aligned faces. Many threads may share one.</summary>
public sealed class FaceEmbedder : IDisposable
{
    private const string Stage = "embed";

    private readonly string _output;
    private readonly ImportedFaceWriter? _imported;

    private FaceEmbedder(ModelManifest manifest, OnnxSession session)
    {
        Manifest = manifest;
        Session = session;
        _output = OutputOf(manifest);
        _imported = manifest.Graph is { } graph ? new ImportedFaceWriter(graph) : null;
        Dimensions = session.OutputShape(_output)[0];
    }

    /// <summary>The model's manifest.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>The model's name and version, such as "dlib-resnet29@1".</summary>
    public string Id => Manifest.Id;

    /// <summary>Id of the alignment, including the recogniser's own frame if it has one. An embedding's source names it.</summary>
    public string AlignmentId => Manifest.Graph is { } graph ? $"{FaceAligner.Id}+{graph.Alignment}" : FaceAligner.Id;

    /// <summary>Length of an embedding.</summary>
    public int Dimensions { get; }

    internal OnnxSession Session { get; }

    /// <summary>Loads the recogniser in use.</summary>
    /// <param name="store">The model store.</param>
    /// <param name="settings">The device, threads and batch size.</param>
    /// <exception cref="FaceDataException">No recogniser is in use, it cannot be used, or the device is missing.</exception>
    public static FaceEmbedder Open(ModelStore store, InferenceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Open(store.FindCurrent(ModelKind.Recogniser), settings);
    }

    /// <summary>Loads a recogniser.</summary>
    /// <param name="model">The model.</param>
    /// <param name="settings">The device, threads and batch size.</param>
    /// <exception cref="FaceDataException">The model is not a recogniser, it cannot be used, or the device is missing.</exception>
    public static FaceEmbedder Open(InstalledModel model, InferenceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Manifest.Graph is { } graph
            && (graph.Alignment != InsightFaceFrame.Id || !(graph.Deviation > 0) || !float.IsFinite(graph.Mean)))
        {
            throw new FaceDataException(
                $"The manifest of {model.Id} states the alignment '{graph.Alignment}', the mean {graph.Mean} and the deviation "
                + $"{graph.Deviation}. The alignment must be '{InsightFaceFrame.Id}', the mean a number, and the deviation above 0. "
                + "Import the model again.");
        }

        OnnxSession session = OnnxSession.Open(model.Require(ModelKind.Recogniser), settings.Divided());
        int side = model.Manifest.Graph is null ? FaceAligner.Size : InsightFaceFrame.Size;
        return new FaceEmbedder(model.Manifest, session.Require(side, side, OutputOf(model.Manifest)));
    }

    /// <summary>Makes embeddings of faces.</summary>
    /// <param name="aligned">Aligned faces, [128, 128, 3] each, super-resolved or not.</param>
    /// <returns>One vector of length 1 for each face, in their order.</returns>
    /// <exception cref="ArgumentException">A face has another size.</exception>
    /// <exception cref="FaceDataException">The model made an embedding without a valid length. It is damaged.</exception>
    public float[][] Embed(IReadOnlyList<RgbImage> aligned)
    {
        ArgumentNullException.ThrowIfNull(aligned);
        using var stage = PipelineStage.Begin(Stage);
        var embeddings = new float[aligned.Count][];
        BatchReader take = (buffers, first, count) => Take(buffers, embeddings.AsSpan(first, count));
        if (_imported is null)
            Session.Run(aligned, take);
        else
            Session.Run(aligned, _imported.Write, take);
        return embeddings;
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();

    /// <summary>Makes embeddings of faces that are the output of another model, without copying them if the graph allows it.</summary>
    internal void EmbedInPlace(SessionBuffers pictures, string output, Span<float[]> embeddings)
    {
        if (_imported is not null)
        {
            var faces = new RgbImage[embeddings.Length];
            for (int i = 0; i < faces.Length; i++)
                faces[i] = new RgbImage(FaceAligner.Size, FaceAligner.Size, pictures.Bytes(output, i).ToArray());
            Embed(faces).CopyTo(embeddings);
            return;
        }

        using var stage = PipelineStage.Begin(Stage);
        SessionBuffers buffers = Session.Rent();
        for (int first = 0; first < embeddings.Length; first += buffers.Capacity)
        {
            int count = Math.Min(buffers.Capacity, embeddings.Length - first);
            Session.Execute(pictures.Outputs[output], first, buffers, count);
            Take(buffers, embeddings.Slice(first, count));
        }

        Session.Return(buffers);
    }

    private void Take(SessionBuffers buffers, Span<float[]> embeddings)
    {
        for (int i = 0; i < embeddings.Length; i++)
        {
            embeddings[i] = buffers.Floats(_output, i).ToArray();
            // This product's own models normalise in the graph.
            if (_imported is not null)
                Normalise(embeddings[i]);
        }
    }

    private void Normalise(Span<float> embedding)
    {
        float length = TensorPrimitives.Norm(embedding);
        if (!(length > 0 && float.IsFinite(length)))
            throw new FaceDataException(
                $"The model {Id} made an embedding of length {length}. The model is damaged, or its manifest is wrong. Import it again.");
        TensorPrimitives.Divide(embedding, length, embedding);
    }

    private static string OutputOf(ModelManifest manifest) => manifest.Graph?.Output ?? TensorNames.Embeddings;
}

/// <summary>Writes aligned faces into the input of a graph from another project.</summary>
/// <param name="graph">The graph's input. Its frame is <see cref="InsightFaceFrame"/>.</param>
internal sealed class ImportedFaceWriter(ImportedGraph graph)
{
    /// <summary>Writes a face.</summary>
    /// <param name="aligned">The aligned face, [128, 128, 3].</param>
    /// <param name="target">Receives float32 [3, 112, 112].</param>
    public void Write(RgbImage aligned, Span<byte> target)
    {
        ReadOnlySpan<byte> pixels = InsightFaceFrame.FromAligned(aligned).Pixels;
        Span<float> planes = MemoryMarshal.Cast<byte, float>(target);
        const int area = InsightFaceFrame.Size * InsightFaceFrame.Size;
        for (int channel = 0; channel < RgbImage.Channels; channel++)
        {
            Span<float> plane = planes.Slice(channel * area, area);
            int from = graph.Channels == ChannelOrder.Rgb ? channel : RgbImage.Channels - 1 - channel;
            for (int i = 0; i < area; i++)
                plane[i] = (pixels[i * RgbImage.Channels + from] - graph.Mean) / graph.Deviation;
        }
    }
}
