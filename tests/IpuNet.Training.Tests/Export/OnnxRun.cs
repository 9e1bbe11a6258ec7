using IpuNet.Faces.Networks;
using IpuNet.Training.Export;
using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Training.Tests.Export;

/// <summary>Runs the first output of a network in ONNX Runtime.</summary>
internal static class OnnxRun
{
    /// <summary>A model with the input "x" and the output "y".</summary>
    public static byte[] Build(INetwork network, WeightSet weights, WeightStorage storage = WeightStorage.Full)
    {
        var graph = new OnnxGraph();
        OnnxValue x = graph.AddInput("x", network.Input);
        graph.AddOutput("y", network.Forward(new OnnxGraphBuilder(graph, weights), x)[0]);
        return graph.ToModel(storage);
    }

    /// <summary>Runs such a model over a batch; one array of values per image.</summary>
    public static float[][] Run(byte[] model, IReadOnlyList<NaiveMap> batch)
    {
        using var session = new InferenceSession(model);
        float[] data = [.. batch.SelectMany(map => map.Values)];
        FeatureShape shape = batch[0].Shape;
        using var input = OrtValue.CreateTensorValueFromMemory(data, [batch.Count, shape.Channels, shape.Height, shape.Width]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, ["x"], [input], ["y"]);
        float[] values = outputs[0].GetTensorDataAsSpan<float>().ToArray();
        return [.. values.Chunk(values.Length / batch.Count)];
    }

    /// <summary>The largest difference between a model's outputs and the network worked out by definition.</summary>
    public static float Difference(INetwork network, WeightSet weights, byte[] model, int batchSize)
    {
        NaiveMap[] batch = [.. Enumerable.Range(0, batchSize).Select(i => NaiveMap.Random(network.Input, seed: 10 + i))];
        float[][] actual = Run(model, batch);
        float[][] expected = [.. batch.Select(x => network.Forward(new NaiveOperations(weights), x)[0].Values)];
        return actual.Zip(expected, (a, e) => a.Zip(e, (v, w) => Math.Abs(v - w)).Max()).Max();
    }
}
