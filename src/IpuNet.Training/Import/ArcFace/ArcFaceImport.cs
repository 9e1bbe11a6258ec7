using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Recognition;
using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Training.Import.ArcFace;

/// <summary>The pixels that an ArcFace-like recogniser expects: (x - Mean) / Deviation, where x is 0-255.</summary>
/// <param name="Channels">The order of the colours.</param>
/// <param name="Mean">Number to subtract; null to choose by the graph.</param>
/// <param name="Deviation">Number to divide by, above 0; null to choose by the graph.</param>
public sealed record ArcFacePixels(ChannelOrder Channels = ChannelOrder.Rgb, float? Mean = null, float? Deviation = null);

/// <summary>Imports an ONNX file of another project as a recogniser, byte for byte.</summary>
public static class ArcFaceImport
{
    // The scale of insightface is (x - 127.5) / 127.5, unless the graph scales the pixels itself.
    private const float HalfRange = 127.5f;

    // Maximum difference between an embedding in a batch and the same alone. They differ because a batch can sum in another order.
    private const float BatchTolerance = 1e-3f;

    /// <summary>Checks a file, tries it on two images, and imports it as the next version of a name.</summary>
    /// <param name="path">An .onnx file.</param>
    /// <param name="store">The model store.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="origin">The origin, for the manifest.</param>
    /// <param name="pixels">The pixels that the recogniser expects; null for RGB on a scale that the graph decides.</param>
    /// <exception cref="FaceDataException">The file does not fit, or its output is not an embedding.</exception>
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
            Architecture = ModelManifest.ImportedArchitecture,
            Sha256 = Convert.ToHexStringLower(sha256),
            Input = new ModelInput(InsightFaceFrame.Size, InsightFaceFrame.Size),
            Dimensions = graph.Dimensions,
            Graph = new ImportedGraph(
                graph.Input, graph.Output, pixels.Channels, pixels.Mean ?? (graph.ScalesPixels ? 0 : HalfRange),
                pixels.Deviation ?? (graph.ScalesPixels ? 1 : HalfRange), InsightFaceFrame.Id),
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
            throw new FaceDataException(
                $"{model.Path}: a face in a batch gets another embedding than alone. Export the model with a batch of 1.");
        if (together[0].Zip(together[1], (a, b) => MathF.Abs(a - b)).Max() is not > 0)
        {
            throw new FaceDataException(
                $"{model.Path}: all faces get the same embedding. Name the pixels that it expects with --mean, --deviation and --bgr.");
        }
    }

    private static RgbImage Noise(int seed)
    {
        var face = new RgbImage(FaceAligner.Size, FaceAligner.Size);
        new Random(seed).NextBytes(face.Pixels);
        return face;
    }
}

/// <summary>
/// Runs an imported graph for the first time, within limits. A few bytes of a graph can ask for any amount of memory or time, such as two
/// constants that are added to a table of all pairs. The graph runs without optimisation, because the optimiser computes constants
/// without a limit.
/// </summary>
internal static class ArcFaceTrial
{
    // The largest of insightface, a ResNet-100, takes 0.4 GB.
    private const uint MostBytes = 2U << 30;
    private const int Faces = 2;

    // The allocator takes only as much memory as the graph asks for. By default it takes more, and that would count too.
    private const int GrowAsAsked = 1, Default = -1;

    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(2);

    // ONNX Runtime has one such allocator in a process. Only the sessions that ask for it use it.
    private static readonly Lazy<OrtMemoryInfo> Memory = new(() =>
    {
        var memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
        using var limits = new OrtArenaCfg(MostBytes, GrowAsAsked, Default, Default);
        OrtEnv.Instance().CreateAndRegisterAllocator(memory, limits);
        return memory;
    });

    /// <summary>Runs a graph on two faces, or on one face if its batch is 1. It gets at most 2 GiB of memory and 2 minutes.</summary>
    /// <exception cref="OnnxRuntimeException">The graph cannot be run, or goes over the limits.</exception>
    /// <exception cref="FaceDataException">The output has another shape than the graph says.</exception>
    public static void Run(byte[] file, ArcFaceGraph graph, string path)
    {
        _ = Memory.Value;
        using var options =
            new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL, EnableMemoryPattern = false };
        options.AddSessionConfigEntry("session.use_env_allocators", "1");
        using var session = new InferenceSession(file, options);
        int side = InsightFaceFrame.Size, faces = session.InputMetadata[graph.Input].Dimensions[0] == 1 ? 1 : Faces;
        using var input = OrtValue.CreateTensorValueFromMemory(new float[faces * 3 * side * side], [faces, 3, side, side]);
        using var run = new RunOptions();
        using var watch = new Timer(_ => run.Terminate = true, null, MostTime, Timeout.InfiniteTimeSpan);
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, [graph.Input], [input], [graph.Output]);
        long[] shape = outputs[0].GetTensorTypeAndShape().Shape;
        if (!shape.SequenceEqual([faces, graph.Dimensions]))
            throw new FaceDataException(
                $"{path}: the output for {faces} faces is [{string.Join(", ", shape)}], but the file says "
                + $"[{faces}, {graph.Dimensions}]. Export the model again.");
    }
}
