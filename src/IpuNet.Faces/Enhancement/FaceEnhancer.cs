using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Telemetry;

namespace IpuNet.Faces.Enhancement;

/// <summary>Super-resolves aligned faces. Many threads may share one enhancer.</summary>
public sealed class FaceEnhancer : IDisposable
{
    internal const string Stage = "enhance";

    [ThreadStatic]
    private static RgbImage? _scratch;

    private FaceEnhancer(ModelManifest manifest, OnnxSession session)
    {
        Manifest = manifest;
        Session = session;
    }

    /// <summary>The model's manifest.</summary>
    public ModelManifest Manifest { get; }

    /// <summary>The model's name and version, such as "ipunet@3".</summary>
    public string Id => Manifest.Id;

    internal OnnxSession Session { get; }

    /// <summary>Loads the enhancer in use.</summary>
    /// <param name="store">The model store.</param>
    /// <param name="settings">The device, threads and batch size.</param>
    /// <exception cref="FaceDataException">No enhancer is in use, it cannot be used, or the device is missing.</exception>
    public static FaceEnhancer Open(ModelStore store, InferenceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(store);
        return Open(store.FindCurrent(ModelKind.Enhancer), settings);
    }

    /// <summary>Loads an enhancer.</summary>
    /// <param name="model">The model.</param>
    /// <param name="settings">The device, threads and batch size.</param>
    /// <exception cref="FaceDataException">The model is not an enhancer, it cannot be used, or the device is missing.</exception>
    public static FaceEnhancer Open(InstalledModel model, InferenceSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxSession session = OnnxSession.Open(model.Require(ModelKind.Enhancer), settings.Divided());
        return new FaceEnhancer(model.Manifest, session.Require(FaceAligner.Size, FaceAligner.Size, TensorNames.Pictures));
    }

    /// <summary>Super-resolves faces.</summary>
    /// <param name="faces">Aligned faces. Faces that are not 128x128 px are resized bicubically.</param>
    /// <returns>One super-resolved face for each, [128, 128, 3], in their order.</returns>
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
            pictures[i] = new RgbImage(FaceAligner.Size, FaceAligner.Size, buffers.Bytes(TensorNames.Pictures, i).ToArray());
    }

    /// <inheritdoc/>
    public void Dispose() => Session.Dispose();

    /// <summary>Writes a face into the model's input, resized if necessary.</summary>
    internal static void WriteBicubic(RgbImage face, Span<byte> target)
    {
        RgbImage sized = face;
        if (face.Width != FaceAligner.Size || face.Height != FaceAligner.Size)
            Resampler.Resize(face, sized = _scratch ??= new RgbImage(FaceAligner.Size, FaceAligner.Size), ResampleFilter.Bicubic);
        sized.Pixels.CopyTo(target);
    }
}
