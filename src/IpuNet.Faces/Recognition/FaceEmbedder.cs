using System.Numerics.Tensors;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Faces.Recognition;

/// <summary>Turns aligned faces into embeddings. Many threads may use one embedder.</summary>
public sealed class FaceEmbedder : IDisposable
{
    /// <summary>Side in pixels of the aligned faces that it takes.</summary>
    public const int Size = 128;

    private const string Stage = "embed";

    private readonly string _output;
    private readonly ForeignFaceWriter? _foreign;

    private FaceEmbedder(ModelManifest manifest, OnnxSession session)
    {
        Manifest = manifest;
        Session = session;
        _output = OutputOf(manifest);
        _foreign = manifest.Graph is { } graph ? new ForeignFaceWriter(graph) : null;
        Dimensions = session.OutputShape(_output)[0];
    }

    /// <summary>What is known of the model.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>The model's name and version, such as "dlib-resnet29@1".</summary>
    public string Id => Manifest.Id;

    /// <summary>What embeddings state about how faces came into the recogniser's frame.</summary>
    public string AlignmentId => Manifest.Graph is { } graph ? $"{FaceAligner.Id}+{graph.Alignment}" : FaceAligner.Id;

    /// <summary>Length of an embedding.</summary>
    public int Dimensions { get; }

    internal OnnxSession Session { get; }

    /// <summary>Loads the recogniser in use.</summary>
    /// <exception cref="FaceDataException">None is in use, it cannot be used, or the device is not there.</exception>
    public static FaceEmbedder Open(ModelStore store, InferenceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Open(store.FindCurrent(ModelKind.Recogniser), settings);
    }

    /// <summary>Loads a recogniser.</summary>
    /// <exception cref="FaceDataException">It is no recogniser, it cannot be used, or the device is not there.</exception>
    public static FaceEmbedder Open(InstalledModel model, InferenceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Manifest.Graph is { } graph && (graph.Alignment != InsightFaceFrame.Id || !(graph.Deviation > 0) || !float.IsFinite(graph.Mean)))
        {
            throw new FaceDataException(
                $"The manifest of {model.Id} wants faces aligned as '{graph.Alignment}' and pixels of mean {graph.Mean} and deviation {graph.Deviation}; this version knows '{InsightFaceFrame.Id}', "
                + "and a deviation is above 0. Import the model again.");
        }
        OnnxSession session = OnnxSession.Open(model.Require(ModelKind.Recogniser), settings.Divided());
        int side = model.Manifest.Graph is null ? Size : InsightFaceFrame.Size;
        return new FaceEmbedder(model.Manifest, session.Require(side, side, OutputOf(model.Manifest)));
    }

    /// <summary>Embeds faces.</summary>
    /// <param name="aligned">Aligned faces, 128x128, of any number.</param>
    /// <returns>One vector of length 1 for each, in their order.</returns>
    /// <exception cref="ArgumentException">A face has another size.</exception>
    public float[][] Embed(IReadOnlyList<RgbImage> aligned)
    {
        ArgumentNullException.ThrowIfNull(aligned);
        using var stage = PipelineStage.Begin(Stage);
        var embeddings = new float[aligned.Count][];
        BatchReader take = (buffers, first, count) => Take(buffers, embeddings.AsSpan(first, count));
        if (_foreign is null)
            Session.Run(aligned, take);
        else
            Session.Run(aligned, _foreign.Write, take);
        return embeddings;
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();

    /// <summary>Embeds pictures where another model wrote them.</summary>
    internal void EmbedInPlace(SessionBuffers pictures, string output, Span<float[]> embeddings)
    {
        if (_foreign is not null)
        {
            var faces = new RgbImage[embeddings.Length];
            for (int i = 0; i < faces.Length; i++)
                faces[i] = new RgbImage(Size, Size, pictures.Bytes(output, i).ToArray());
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
            // This product's models do so themselves.
            if (_foreign is not null)
                Normalise(embeddings[i]);
        }
    }

    private void Normalise(Span<float> embedding)
    {
        float length = TensorPrimitives.Norm(embedding);
        if (!(length > 0 && float.IsFinite(length)))
            throw new FaceDataException($"The model {Id} gave an embedding of length {length} for a face. It is damaged, or does not take what its manifest says: import it again.");
        TensorPrimitives.Divide(embedding, length, embedding);
    }

    private static string OutputOf(ModelManifest manifest) => manifest.Graph?.Output ?? TensorNames.Embeddings;
}
