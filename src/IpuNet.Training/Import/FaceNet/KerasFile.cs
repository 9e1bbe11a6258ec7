using IpuNet.Faces;
using IpuNet.Faces.Networks;
using PureHDF;

namespace IpuNet.Training.Import.FaceNet;

/// <summary>Reads the weights of a Keras model or weights file (HDF5): those of layer L are ".../L/L/kernel:0", "beta:0" and so on.</summary>
public static class KerasFile
{
    private const int DeepestGroup = 8;

    // A file is hardly longer unpacked than packed, for weights are noise; one that says otherwise wants memory.
    private const int MostRatio = 16, LeastBytes = 1 << 20;
    private const string Suffix = ":0";

    /// <summary>Reads all weights; "{layer}/{weight}", such as "Conv2d_1a_3x3/kernel". What belongs to an optimiser is left out.</summary>
    /// <returns>Convolutions [out, in, h, w] and matrices [out, in]: Keras stores them the other way round.</returns>
    /// <exception cref="FaceDataException">The file cannot be read, is damaged, or is no such file.</exception>
    public static WeightSet Read(string path)
    {
        try
        {
            using var file = H5File.OpenRead(path);
            var weights = new WeightSet();
            long most = MostRatio * new FileInfo(path).Length + LeastBytes;
            Collect(file.LinkExists("model_weights") ? file.Group("model_weights") : file, depth: 0, weights, ref most);
            return weights;
        }
        // PureHDF says of damage what it happens to stumble over.
        catch (Exception e) when (e is not FaceDataException)
        {
            throw new FaceDataException($"{path}: cannot be read as a Keras file (HDF5): {e.Message} Give a whole .h5 file that Keras saved.", e);
        }
    }

    private static void Collect(IH5Group group, int depth, WeightSet weights, ref long most)
    {
        if (depth > DeepestGroup)
            throw new FormatException($"its groups lie deeper than {DeepestGroup}.");
        foreach (IH5Object child in group.Children())
        {
            if (child is IH5Group inner)
                Collect(inner, depth + 1, weights, ref most);
            else if (child is IH5Dataset data && data.Name.EndsWith(Suffix, StringComparison.Ordinal))
                weights[$"{group.Name}/{data.Name[..^Suffix.Length]}"] = WeightLayout.FromTensorFlow(data.Name, ReadTensor(data, ref most));
        }
    }

    private static WeightTensor ReadTensor(IH5Dataset data, ref long most)
    {
        ulong[] shape = data.Space.Dimensions;
        ulong count = shape.Aggregate(1UL, (product, n) => checked(product * n));
        long bytes = checked((long)count * sizeof(float));
        if (bytes > most)
            throw new FormatException($"'{data.Name}' has {count:N0} values, more than the file can hold.");
        most -= bytes;
        return WeightTensor.FromFloats([.. shape.Select(n => checked((int)n))], data.Read<float[]>());
    }
}
