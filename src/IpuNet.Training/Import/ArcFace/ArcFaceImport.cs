using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Recognition;
using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Training.Import.ArcFace;

/// <summary>The pixels that an ArcFace-like recogniser expects; null for what the file itself suggests.</summary>
/// <param name="Channels">The order of the colours.</param>
/// <param name="Mean">Number to subtract from pixels of 0-255.</param>
/// <param name="Deviation">Number to divide the difference by, above 0.</param>
public sealed record ArcFacePixels(ChannelOrder Channels = ChannelOrder.Rgb, float? Mean = null, float? Deviation = null);

/// <summary>Imports a foreign ONNX file as a recogniser, byte for byte.</summary>
public static class ArcFaceImport
{
    // insightface's: (x - 127.5) / 127.5, unless the graph does it.
    private const float HalfRange = 127.5f;

    // Maximum difference of an embedding in a batch and alone: a batch may sum in another order.
    private const float BatchTolerance = 1e-3f;

    /// <summary>Imports a file as the next version of a name, after it was judged and tried on two pictures.</summary>
    /// <param name="path">An .onnx file.</param>
    /// <param name="store">The model store.</param>
    /// <param name="name">The model's name.</param>
    /// <param name="origin">The origin, for the manifest.</param>
    /// <param name="pixels">How it wants pixels; null for RGB on insightface's scale.</param>
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
            Architecture = ModelManifest.ForeignArchitecture,
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
                $"{model.Path}: it claims to take batches, but changes the embedding of a face in a batch. Export it with a batch of 1.");
        if (together[0].Zip(together[1], (a, b) => MathF.Abs(a - b)).Max() is not > 0)
        {
            throw new FaceDataException(
                $"{model.Path}: every face gets the same embedding. Name the pixels that it expects with --mean, --deviation and --bgr.");
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
/// Runs a foreign graph for the first time, within limits: a few bytes of it can ask for any amount of memory or time, such as two
/// constants that
/// are added to a table of all pairs. It runs as it is written, for what makes graphs faster computes constants without a limit.
/// </summary>
internal static class ArcFaceTrial
{
    // insightface's largest, a ResNet-100, takes 0.4 GB.
    private const uint MostBytes = 2U << 30;
    private const int Faces = 2;

    // Memory counts only as far as the graph asks for it.
    private const int GrowAsAsked = 1, Default = -1;

    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(2);

    // ONNX Runtime has one such allocator in a process; only sessions that ask for it use it.
    private static readonly Lazy<OrtMemoryInfo> Memory = new(() =>
    {
        var memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.ArenaAllocator, 0, OrtMemType.Default);
        using var limits = new OrtArenaCfg(MostBytes, GrowAsAsked, Default, Default);
        OrtEnv.Instance().CreateAndRegisterAllocator(memory, limits);
        return memory;
    });

    /// <summary>Runs a graph on two faces, or on one if it takes one at a time.</summary>
    /// <exception cref="OnnxRuntimeException">It cannot be run, or not within the limits.</exception>
    /// <exception cref="FaceDataException">It gives something else than it says.</exception>
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
                $"{path}: gives [{string.Join(", ", shape)}] for {faces} faces, not [{faces}, {graph.Dimensions}] as it says.");
    }
}
