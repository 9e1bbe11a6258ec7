using IpuNet.Faces;
using IpuNet.Faces.Networks;
using PureHDF;

namespace IpuNet.Training.Import.FaceNet;

/// <summary>Reads the weights of a Keras model or weights file (HDF5): those of layer L are ".../L/L/kernel:0", "beta:0" and so on.</summary>
public static class KerasFile
{
    private const int DeepestGroup = 8;
    private const ulong MostValues = 512 * 1024 * 1024;
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
            Collect(file.LinkExists("model_weights") ? file.Group("model_weights") : file, depth: 0, weights);
            return weights;
        }
        // PureHDF says of damage what it happens to stumble over.
        catch (Exception e) when (e is not (FaceDataException or OutOfMemoryException))
        {
            throw new FaceDataException($"{path}: cannot be read as a Keras file (HDF5): {e.Message} Give a whole .h5 file that Keras saved.", e);
        }
    }

    private static void Collect(IH5Group group, int depth, WeightSet weights)
    {
        if (depth > DeepestGroup)
            throw new FormatException($"its groups lie deeper than {DeepestGroup}.");
        foreach (IH5Object child in group.Children())
        {
            if (child is IH5Group inner)
                Collect(inner, depth + 1, weights);
            else if (child is IH5Dataset data && data.Name.EndsWith(Suffix, StringComparison.Ordinal))
                weights[$"{group.Name}/{data.Name[..^Suffix.Length]}"] = WeightLayout.FromTensorFlow(data.Name, ReadTensor(data));
        }
    }

    private static WeightTensor ReadTensor(IH5Dataset data)
    {
        ulong[] shape = data.Space.Dimensions;
        ulong count = shape.Aggregate(1UL, (product, n) => checked(product * n));
        if (count > MostValues)
            throw new FormatException($"'{data.Name}' has {count:N0} values.");
        return WeightTensor.FromFloats([.. shape.Select(n => checked((int)n))], data.Read<float[]>());
    }
}
