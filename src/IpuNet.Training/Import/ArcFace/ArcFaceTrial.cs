using IpuNet.Faces;
using IpuNet.Faces.Alignment;
using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Training.Import.ArcFace;

/// <summary>
/// Runs somebody else's graph for the first time, within limits: a few bytes of it can ask for any amount of memory or time, such as two constants that
/// are added to a table of all pairs. It runs as it is written, for what makes graphs faster computes constants without a limit.
/// </summary>
internal static class ArcFaceTrial
{
    // insightface's largest, a ResNet-100, takes 0.4 GB.
    private const uint MostBytes = 2U << 30;
    private const int Faces = 2;

    // Where memory grows by what is asked for, no more than that counts.
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

    /// <summary>Runs a graph on two faces, or on one where it takes one at a time.</summary>
    /// <exception cref="OnnxRuntimeException">It cannot be run, or not within the limits.</exception>
    /// <exception cref="FaceDataException">It gives something else than it says.</exception>
    public static void Run(byte[] file, ArcFaceGraph graph, string path)
    {
        _ = Memory.Value;
        using var options = new SessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL, EnableMemoryPattern = false };
        options.AddSessionConfigEntry("session.use_env_allocators", "1");
        using var session = new InferenceSession(file, options);
        int side = InsightFaceFrame.Size, faces = session.InputMetadata[graph.Input].Dimensions[0] == 1 ? 1 : Faces;
        using var input = OrtValue.CreateTensorValueFromMemory(new float[faces * 3 * side * side], [faces, 3, side, side]);
        using var run = new RunOptions();
        using var watch = new Timer(_ => run.Terminate = true, null, MostTime, Timeout.InfiniteTimeSpan);
        using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, [graph.Input], [input], [graph.Output]);
        long[] shape = outputs[0].GetTensorTypeAndShape().Shape;
        if (!shape.SequenceEqual([faces, graph.Dimensions]))
            throw new FaceDataException($"{path}: gives [{string.Join(", ", shape)}] for {faces} faces, not [{faces}, {graph.Dimensions}] as it says.");
    }
}
