using Google.Protobuf;
using IpuNet.Faces.Networks;
using IpuNet.Training.Export;
using IpuNet.Training.Export.Protobuf;
using IpuNet.Training.Tests.Export;

namespace IpuNet.Training.Tests.Import.ArcFace;

/// <summary>Files like those of imported recognisers, made by this project's own builder.</summary>
internal static class ImportedFile
{
    public const int Dimensions = 32;

    /// <summary>A recogniser of two convolutions, with random weights.</summary>
    public static byte[] Network(Action<ModelProto>? change = null) =>
        Changed(Build(new Convolutions(), SmallNetwork.Weights(new Convolutions(), 5)), change);

    /// <summary>A recogniser whose embedding is the mean colour, thrice and again: [R, G, B, R, G, B, ...].</summary>
    public static byte[] MeanColour(Action<ModelProto>? change = null)
    {
        var matrix = new float[Dimensions * 3];
        for (int i = 0; i < Dimensions; i++)
            matrix[i * 3 + i % 3] = 1;
        return Changed(Build(new Mean(), new WeightSet { ["fc.weight"] = WeightTensor.FromFloats([Dimensions, 3], matrix) }), change);
    }

    private static byte[] Build(INetwork network, WeightSet weights)
    {
        var graph = new OnnxGraph();
        OnnxValue input = graph.AddInput("data", network.Input);
        graph.AddOutput("fc1", network.Forward(new OnnxGraphBuilder(graph, weights), input)[0]);
        return graph.ToModel();
    }

    private static byte[] Changed(byte[] file, Action<ModelProto>? change)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(file);
        change?.Invoke(model);
        return model.ToByteArray();
    }

    private sealed class Convolutions : INetwork
    {
        public string Architecture => "convolutions";

        public FeatureShape Input => new(3, 112, 112);

        public IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x)
        {
            T y = ops.Relu(ops.BatchNorm(ops.Convolution(x, "a", new(8, Kernel: 5, Stride: 3, Bias: false)), "n", 1e-5f));
            y = ops.Relu(ops.Convolution(y, "b", new(16, Kernel: 3, Stride: 2)));
            return [ops.Linear(ops.GlobalAveragePool(y), "fc", Dimensions, bias: true)];
        }
    }

    private sealed class Mean : INetwork
    {
        public string Architecture => "mean";

        public FeatureShape Input => new(3, 112, 112);

        public IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x) =>
            [ops.Linear(ops.GlobalAveragePool(x), "fc", Dimensions, bias: false)];
    }
}
