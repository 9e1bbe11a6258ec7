using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Faces.Enhancement;

/// <summary>Super-resolves aligned faces. Many threads may use one enhancer.</summary>
public sealed class FaceEnhancer : IDisposable
{
    /// <summary>Side in pixels of what it takes and makes.</summary>
    public const int Size = 128;

    internal const string Stage = "enhance";

    [ThreadStatic]
    private static RgbImage? _scratch;

    private FaceEnhancer(ModelManifest manifest, OnnxSession session)
    {
        Manifest = manifest;
        Session = session;
    }

    /// <summary>What is known of the model.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>The model's name and version, such as "ipunet@3".</summary>
    public string Id => Manifest.Id;

    internal OnnxSession Session { get; }

    /// <summary>Loads the enhancer in use.</summary>
    /// <exception cref="FaceDataException">None is in use, it cannot be used, or the device is not there.</exception>
    public static FaceEnhancer Open(ModelStore store, InferenceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Open(store.FindCurrent(ModelKind.Enhancer), settings);
    }

    /// <summary>Loads an enhancer.</summary>
    /// <exception cref="FaceDataException">It is no enhancer, it cannot be used, or the device is not there.</exception>
    public static FaceEnhancer Open(InstalledModel model, InferenceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxSession session = OnnxSession.Open(model.Require(ModelKind.Enhancer), settings.Divided());
        return new FaceEnhancer(model.Manifest, session.Require(Size, Size, TensorNames.Pictures));
    }

    /// <summary>Super-resolves faces.</summary>
    /// <param name="faces">Aligned faces of any size and number; those that are not 128x128 are resized bicubically.</param>
    /// <returns>One picture for each, 128x128, in their order.</returns>
    public IReadOnlyList<RgbImage> Enhance(IReadOnlyList<RgbImage> faces)
    {
        ArgumentNullException.ThrowIfNull(faces);
        using var stage = PipelineStage.Begin(Stage);
        var pictures = new RgbImage[faces.Count];
        Session.Run(faces, WriteBicubic, (buffers, first, count) => Take(buffers, pictures.AsSpan(first, count)));
        return pictures;
    }

    internal static void Take(SessionBuffers buffers, Span<RgbImage> pictures)
    {
        for (int i = 0; i < pictures.Length; i++)
            pictures[i] = new RgbImage(Size, Size, buffers.Bytes(TensorNames.Pictures, i).ToArray());
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();

    /// <summary>Resizes a face on its way into the model.</summary>
    internal static void WriteBicubic(RgbImage face, Span<byte> target)
    {
        RgbImage sized = face;
        if (face.Width != Size || face.Height != Size)
            Resampler.Resize(face, sized = _scratch ??= new RgbImage(Size, Size), ResampleFilter.Bicubic);
        sized.Pixels.CopyTo(target);
    }
}
