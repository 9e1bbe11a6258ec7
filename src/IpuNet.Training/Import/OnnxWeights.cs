using System.Buffers.Binary;
using System.Runtime.InteropServices;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Export.Protobuf;

namespace IpuNet.Training.Import;

/// <summary>
/// Reads the weights of a network from a model that this project exported. So training can go through the recognisers of the store. In
/// such a model, batch norms and scales are folded into other layers. That suits a frozen network.
/// </summary>
public static class OnnxWeights
{
    private const string Kernel = ".weight", Bias = ".bias", Half = ".half", Quantised = ".quantised", Scale = ".scale",
    ZeroPoint = ".zero_point";

    /// <summary>Verifies the checksum of an installed model, and reads its weights.</summary>
    /// <exception cref="FaceDataException">The file is damaged, or this project did not export it.</exception>
    public static WeightSet Read(InstalledModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Read(model.ReadVerified(), model.Path);
    }

    /// <summary>Reads the weights of a model.</summary>
    /// <param name="model">The content of the ONNX file.</param>
    /// <param name="name">Name for errors.</param>
    /// <exception cref="FaceDataException">The file is damaged, or this project did not export it.</exception>
    public static WeightSet Read(byte[] model, string name)
    {
        try
        {
            ModelProto file = OnnxFile.Parse(model);
            if (file.Graph is null)
                throw new ArgumentException("It has no graph.");
            var initialisers = file.Graph.Initializer.ToDictionary(i => i.Name, StringComparer.Ordinal);
            var weights = new WeightSet();
            foreach (var (key, tensor) in initialisers)
            {
                if (key.EndsWith(Kernel, StringComparison.Ordinal) || key.EndsWith(Bias, StringComparison.Ordinal))
                    weights[key] = WeightTensor.FromFloats(Shape(tensor), Floats(tensor));
                else if (key.EndsWith(Kernel + Half, StringComparison.Ordinal))
                    weights[key[..^Half.Length]] = WeightTensor.FromFloats(Shape(tensor), Floats(tensor));
                else if (key.EndsWith(Kernel + Quantised, StringComparison.Ordinal))
                    weights[key[..^Quantised.Length]] = Dequantise(initialisers, key[..^Quantised.Length], tensor);
            }
            return weights;
        }
        catch (Exception e) when (e is InvalidDataException or KeyNotFoundException or ArgumentException or OverflowException
            or IndexOutOfRangeException or DivideByZeroException)
        {
            throw new FaceDataException(
                $"{name}: cannot be read as a model that this project exported: {e.Message} Export or import it again.", e);
        }
    }

    private static WeightTensor Dequantise(Dictionary<string, TensorProto> initialisers, string name, TensorProto quantised)
    {
        byte[] values = quantised.RawData.ToByteArray();
        float[] scales = Floats(initialisers[name + Scale]);
        byte[] zeros = initialisers[name + ZeroPoint].RawData.ToByteArray();
        int[] shape = Shape(quantised);
        if (scales.Length == 1)
            return WeightTensor.FromBytes(shape, values, scales[0], zeros[0]);

        // Each output channel has a scale. The output channels are the first axis of a convolution, and the second of a transposed one.
        int axis = shape[0] == scales.Length ? 0 : 1;
        int inner = shape.Skip(axis + 1).Aggregate(1, (product, n) => product * n);
        return WeightTensor.FromFloats(shape, [.. values.Select((q, i) => (q - zeros[0]) * scales[i / inner % scales.Length])]);
    }

    private static float[] Floats(TensorProto tensor)
    {
        ReadOnlySpan<byte> raw = tensor.RawData.Span;
        if (tensor.DataType == (int)TensorProto.Types.DataType.Float)
            return MemoryMarshal.Cast<byte, float>(raw).ToArray();
        if (tensor.DataType != (int)TensorProto.Types.DataType.Float16)
            throw new ArgumentException($"The weight '{tensor.Name}' is of type {tensor.DataType}.");
        var values = new float[raw.Length / 2];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)BinaryPrimitives.ReadHalfLittleEndian(raw[(2 * i)..]);
        return values;
    }

    private static int[] Shape(TensorProto tensor) => [.. tensor.Dims.Select(d => checked((int)d))];
}
