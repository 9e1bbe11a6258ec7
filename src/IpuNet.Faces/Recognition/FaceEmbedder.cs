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

    private FaceEmbedder(ModelManifest manifest, OnnxSession session)
    {
        Manifest = manifest;
        Session = session;
        Dimensions = session.OutputShape(TensorNames.Embeddings)[0];
    }

    /// <summary>What is known of the model.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>The model's name and version, such as "dlib-resnet29@1".</summary>
    public string Id => Manifest.Id;

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
        OnnxSession session = OnnxSession.Open(model.Require(ModelKind.Recogniser), settings);
        return new FaceEmbedder(model.Manifest, session.Require(Size, Size, TensorNames.Embeddings));
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
        Session.Run(aligned, (buffers, first, count) => Take(buffers, embeddings.AsSpan(first, count)));
        return embeddings;
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();

    /// <summary>Embeds pictures where another model wrote them.</summary>
    internal void EmbedInPlace(SessionBuffers pictures, string output, Span<float[]> embeddings)
    {
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

    private static void Take(SessionBuffers buffers, Span<float[]> embeddings)
    {
        for (int i = 0; i < embeddings.Length; i++)
            embeddings[i] = buffers.Floats(TensorNames.Embeddings, i).ToArray();
    }
}
