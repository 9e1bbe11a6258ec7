using System.Security.Cryptography;
using IpuNet.Faces;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Recognition;
using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Training.Import.ArcFace;

/// <summary>How an ArcFace-like recogniser wants pixels; null where the file's own form decides.</summary>
/// <param name="Channels">The order of the colours.</param>
/// <param name="Mean">What is taken from pixels of 0-255.</param>
/// <param name="Deviation">What the difference is divided by, above 0.</param>
public sealed record ArcFacePixels(ChannelOrder Channels = ChannelOrder.Rgb, float? Mean = null, float? Deviation = null);

/// <summary>Makes a recogniser of somebody else's ONNX file, which stays as it is, byte for byte.</summary>
public static class ArcFaceImport
{
    // insightface's: (x - 127.5) / 127.5, unless the graph does it.
    private const float HalfRange = 127.5f;

    // What a graph may make of a face in company, beside what it makes of it alone: sums in another order.
    private const float BatchTolerance = 1e-3f;

    /// <summary>Imports a file as the next version of a name, after it was judged and tried on two pictures.</summary>
    /// <param name="path">An .onnx file.</param>
    /// <param name="store">The model store.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="origin">What is said of it.</param>
    /// <param name="pixels">How it wants pixels; null for RGB on insightface's scale.</param>
    /// <exception cref="FaceDataException">The file does not fit, or what it gives is no embedding.</exception>
    public static InstalledModel Run(string path, ModelStore store, string name, WeightsOrigin origin, ArcFacePixels? pixels = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(origin);
        pixels ??= new();
        byte[] data = ArcFaceGraph.ReadFile(path);
        ArcFaceGraph graph = ArcFaceGraph.Read(data, path);
        byte[] sha256 = SHA256.HashData(data);
        var manifest = new ModelManifest
        {
            Name = name,
            Version = store.NextVersion(name),
            Kind = ModelKind.Recogniser,
            Architecture = ModelManifest.ForeignArchitecture,
            Sha256 = Convert.ToHexStringLower(sha256),
            Input = new ModelInput(InsightFaceFrame.Size, InsightFaceFrame.Size),
            Dimensions = graph.Dimensions,
            Graph = new ForeignGraph(
                graph.Input, graph.Output, pixels.Channels, pixels.Mean ?? (graph.ScalesPixels ? 0 : HalfRange), pixels.Deviation ?? (graph.ScalesPixels ? 1 : HalfRange), InsightFaceFrame.Id),
            Licence = origin.Licence,
            Origin = origin.Of(path, sha256),
        };
        try
        {
            ArcFaceTrial.Run(data, graph, path);
            Try(new InstalledModel(manifest, path, data));
        }
        catch (OnnxRuntimeException e)
        {
            throw new FaceDataException($"{path}: ONNX Runtime cannot run it: {e.Message}", e);
        }
        return store.Install(manifest, data);
    }

    private static void Try(InstalledModel model)
    {
        using FaceEmbedder embedder = FaceEmbedder.Open(model, InferenceSettings.Default);
        RgbImage[] faces = [Noise(1), Noise(2)];
        float[][] together = embedder.Embed(faces);
        float[] alone = embedder.Embed([faces[1]])[0];
        if (together[1].Zip(alone, (a, b) => MathF.Abs(a - b)).Max() is not <= BatchTolerance)
            throw new FaceDataException($"{model.Path}: embeds a face otherwise in a batch than alone: it was made for one face at a time and does not say so.");
        if (together[0].Zip(together[1], (a, b) => MathF.Abs(a - b)).Max() is not > 0)
            throw new FaceDataException($"{model.Path}: gives the same embedding for any face.");
    }

    private static RgbImage Noise(int seed)
    {
        var face = new RgbImage(FaceEmbedder.Size, FaceEmbedder.Size);
        new Random(seed).NextBytes(face.Pixels);
        return face;
    }
}
