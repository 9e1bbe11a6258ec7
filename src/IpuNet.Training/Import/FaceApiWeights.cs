using System.Buffers.Binary;
using IpuNet.Faces;
using IpuNet.Faces.Networks;

namespace IpuNet.Training.Import;

/// <summary>
/// Reads the weights that face-api ships: a TensorFlow.js manifest and the binary files it names, most tensors quantised to 8 bit.
/// Names and layouts become those of this project's networks (<see cref="FaceApiNames"/>).
/// </summary>
public static class FaceApiWeights
{
    // How far from a whole number a zero point may be: it moves every weight by this part of one of 255 steps.
    private const double ZeroPointTolerance = 0.01;

    /// <summary>Reads all tensors of a manifest.</summary>
    /// <param name="manifestPath">"..._model-weights_manifest.json"; the binary files lie beside it.</param>
    /// <returns>
    /// Convolutions [out, in / groups, k, k], fully connected layers [out, in]. Quantised tensors stay 8-bit where 0 is one of the 256 values.
    /// </returns>
    /// <exception cref="FaceDataException">A file is missing, damaged, or of another size than the manifest says, or holds an unknown type.</exception>
    public static WeightSet Read(string manifestPath)
    {
        ArgumentNullException.ThrowIfNull(manifestPath);
        IReadOnlyList<FaceApiGroup> groups = FaceApiManifest.Read(manifestPath);
        var weights = new WeightSet();
        var names = new FaceApiNames(groups.SelectMany(g => g.Weights).Select(w => w.Name));
        foreach (FaceApiGroup group in groups)
            ReadGroup(manifestPath, group, names, weights);
        return weights;
    }

    private static void ReadGroup(string manifestPath, FaceApiGroup group, FaceApiNames names, WeightSet weights)
    {
        byte[] data = ReadFiles(manifestPath, group.Paths);
        int offset = 0;
        foreach (FaceApiEntry entry in group.Weights)
        {
            long size = Count(manifestPath, entry) * BytesPerValue(manifestPath, entry);
            if (size > data.Length - offset)
                throw SizeMismatch($"ends within '{entry.Name}'");

            string name = names.Map(entry);
            if (weights.TryGet(name, out _))
                throw new FaceDataException($"{manifestPath}: '{entry.Name}' becomes the weight '{name}', which it already has.");
            weights[name] = WeightLayout.FromTensorFlow(entry.Name, ReadTensor(entry, data.AsSpan(offset, (int)size)));
            offset += (int)size;
        }

        if (offset != data.Length)
            throw SizeMismatch($"has {data.Length - offset} bytes too many");

        FaceDataException SizeMismatch(string what) => new(
            $"{string.Join(", ", group.Paths)}: {what}, going by {Path.GetFileName(manifestPath)}. The two are not of one release, or the copy is not complete.");
    }

    private static byte[] ReadFiles(string manifestPath, IReadOnlyList<string> paths)
    {
        using var data = new MemoryStream();
        foreach (string path in paths)
        {
            if (path != Path.GetFileName(path) || path is "" or "." or "..")
                throw new FaceDataException($"{manifestPath}: names the file '{path}', which is not beside it.");

            string file = Path.Combine(Path.GetDirectoryName(manifestPath) ?? "", path);
            if (!File.Exists(file))
                throw new FaceDataException($"{file}: is missing, and {Path.GetFileName(manifestPath)} needs it. Copy both from one release.");
            data.Write(File.ReadAllBytes(file));
        }

        return data.ToArray();
    }

    private static long Count(string manifestPath, FaceApiEntry entry)
    {
        long count = 1;
        foreach (int n in entry.Shape)
        {
            if (n < 1 || (count *= n) > int.MaxValue)
                throw new FaceDataException($"{manifestPath}: '{entry.Name}' has the impossible shape [{string.Join(", ", entry.Shape)}].");
        }

        return count;
    }

    private static int BytesPerValue(string manifestPath, FaceApiEntry entry) => (entry.Dtype, entry.Quantization?.Dtype) switch
    {
        ("float32" or "int32", null) => 4,
        ("float32" or "int32", "uint8") => 1,
        var (type, quantised) => throw new FaceDataException(
            $"{manifestPath}: '{entry.Name}' is of type '{type}'{(quantised is null ? "" : $" stored as '{quantised}'")}; only float32 and int32, plain or stored as uint8, can be read."),
    };

    private static WeightTensor ReadTensor(FaceApiEntry entry, ReadOnlySpan<byte> data)
    {
        int[] shape = [.. entry.Shape];
        if (entry.Quantization is { } quantisation)
            return Dequantise(shape, data, quantisation);

        var values = new float[data.Length / 4];
        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> value = data.Slice(i * 4, 4);
            values[i] = entry.Dtype == "int32" ? BinaryPrimitives.ReadInt32LittleEndian(value) : BinaryPrimitives.ReadSingleLittleEndian(value);
        }

        return WeightTensor.FromFloats(shape, values);
    }

    private static WeightTensor Dequantise(int[] shape, ReadOnlySpan<byte> data, FaceApiQuantization quantisation)
    {
        double zero = -quantisation.Min / quantisation.Scale, nearest = Math.Round(zero);
        if (nearest is >= 0 and <= 255 && Math.Abs(zero - nearest) <= ZeroPointTolerance)
            return WeightTensor.FromBytes(shape, data.ToArray(), (float)quantisation.Scale, (byte)nearest);

        return WeightTensor.FromFloats(shape, Array.ConvertAll(data.ToArray(), q => (float)(q * quantisation.Scale + quantisation.Min)));
    }
}
