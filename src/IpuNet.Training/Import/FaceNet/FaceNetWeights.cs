using IpuNet.Contract;
using IpuNet.Faces.Networks;
using IpuNet.Training.Checkpoints;
using IpuNet.Training.Import.PyTorch;
using PureHDF;

namespace IpuNet.Training.Import.FaceNet;

/// <summary>Reads published weights of FaceNet from a Keras, PyTorch or safetensors file.</summary>
public static class FaceNetWeights
{
    private const int MostNamed = 10, MostDimensions = 8192;

    private static ReadOnlySpan<byte> Hdf5Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n'];

    /// <summary>Reads weights, and finds the variant of FaceNet that they are for.</summary>
    /// <param name="path">
    /// A Keras file (.h5), a PyTorch file (.pt or .pth), or a .safetensors file. The content decides the kind, not the name.
    /// </param>
    /// <param name="standardisation">
    /// The scale of the pixels that the weights expect. Null for the scale of the published weights: per image with 128 dimensions, else
    /// fixed.
    /// </param>
    /// <returns>The network, and all its weights.</returns>
    /// <exception cref="FaceDataException">
    /// The file is damaged or of an unknown kind. Or names or shapes do not fit; the message lists them.
    /// </exception>
    public static (InceptionResNetV1 Network, WeightSet Weights) Read(string path, PixelStandardisation? standardisation = null)
    {
        FileKind kind = KindOf(path);
        WeightSet found = kind switch
        {
            FileKind.Hdf5 => KerasFile.Read(path),
            FileKind.SafeTensors => ReadSafeTensors(path),
            _ => TorchFile.Read(path),
        };
        Func<string, string?> nameOf = kind == FileKind.Hdf5 ? KerasNames.Of : name => name;
        InceptionResNetV1 network = NetworkOf(
            path, found, nameOf("last_linear.weight")!, nameOf("conv2d_1a.conv.weight")!, standardisation);
        return (network, Fit(path, network, found, nameOf));
    }

    private static InceptionResNetV1 NetworkOf(
        string path, WeightSet found, string last, string first, PixelStandardisation? standardisation)
    {
        if (!found.TryGet(last, out WeightTensor? matrix) || !found.TryGet(first, out WeightTensor? kernel))
            throw new FaceDataException(
                $"{path}: is not a FaceNet (Inception-ResNet-v1): it has no '{(found.TryGet(last, out _) ? first : last)}'. It has "
                + $"{Some(found.Names)}.");
        if (matrix.Shape is not [> 0 and <= MostDimensions, > 0] || kernel.Shape is not [> 0, ..])
            throw new FaceDataException(
                $"{path}: is not a FaceNet (Inception-ResNet-v1) of 1 to {MostDimensions:N0} dimensions: "
                + $"'{last}' is [{string.Join(", ", matrix.Shape)}] and '{first}' is [{string.Join(", ", kernel.Shape)}].");
        const int channels = 32;
        int dimensions = matrix.Shape[0], width = kernel.Shape[0];
        return new InceptionResNetV1(new InceptionResNetOptions
        {
            Dimensions = dimensions,
            Standardisation = standardisation ?? (dimensions == 128 ? PixelStandardisation.PerImage : PixelStandardisation.Fixed),
            Narrowing = width is > 0 and <= channels && channels % width == 0 ? channels / width : 1,
        });
    }

    private static WeightSet Fit(string path, InceptionResNetV1 network, WeightSet found, Func<string, string?> nameOf)
    {
        var weights = new WeightSet();
        List<string> missing = [], other = [];
        foreach (WeightDeclaration wanted in WeightDeclarations.Of(network))
        {
            if (nameOf(wanted.Name) is not { } name)
                weights[wanted.Name] = WeightTensor.FromFloats([.. wanted.Shape], [.. Enumerable.Repeat(1f, wanted.Count)]);
            else if (!found.TryGet(name, out WeightTensor? weight))
                missing.Add(name);
            else if (!weight.Shape.SequenceEqual(wanted.Shape))
                other.Add($"{name} [{string.Join(", ", weight.Shape)}] instead of [{string.Join(", ", wanted.Shape)}]");
            else if (!Array.TrueForAll(weight.ToFloats(), float.IsFinite))
                other.Add($"{name} with values that are not finite numbers");
            else
                weights[wanted.Name] = weight;
        }

        return missing.Count + other.Count == 0
            ? weights
            : throw new FaceDataException(
                $"{path}: is not a FaceNet (Inception-ResNet-v1) of {network.Options.Dimensions} dimensions."
                + (missing.Count > 0 ? $" Missing: {Some(missing)}." : "") + (other.Count > 0 ? $" Not fitting: {Some(other)}." : ""));
    }

    private static WeightSet ReadSafeTensors(string path)
    {
        var weights = new WeightSet();
        foreach (var (name, tensor) in SafeTensors.Read(path).Tensors)
        {
            if (Array.Exists(tensor.Shape, n => n > int.MaxValue))
                throw new FaceDataException($"{path}: '{name}' has the impossible shape [{string.Join(", ", tensor.Shape)}].");
            weights[name] = WeightTensor.FromFloats([.. tensor.Shape.Select(n => (int)n)], tensor.Values);
        }

        return weights;
    }

    private static FileKind KindOf(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            Span<byte> start = stackalloc byte[9];
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
            if (start.StartsWith(Hdf5Signature))
                return FileKind.Hdf5;
            return start.Length == 9 && start[8] == (byte)'{' ? FileKind.SafeTensors : FileKind.PyTorch;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FaceDataException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    private static string Some(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return string.Join(", ", all.Take(MostNamed)) + (
            all.Length > MostNamed ? $" and {all.Length - MostNamed} more" : all.Length == 0 ? "nothing" : "");
    }

    private enum FileKind
    {
        Hdf5,
        PyTorch,
        SafeTensors,
    }
}

/// <summary>
/// Reads the weights of a Keras file (HDF5). A layer L has its weights at ".../L/L/kernel:0", ".../L/L/beta:0" and so on.
/// </summary>
public static class KerasFile
{
    private const int DeepestGroup = 8;

    // Weights hardly compress. A file that claims far more values than its length allows is damaged, or meant to exhaust the memory.
    private const int MostRatio = 16, LeastBytes = 1 << 20;
    private const string Suffix = ":0";

    /// <summary>Reads all weights. Leaves out the values of the optimiser.</summary>
    /// <returns>
    /// The weights by "{layer}/{weight}", such as "Conv2d_1a_3x3/kernel". Convolutions are [out, in, h, w] and matrices are [out, in].
    /// Keras stores them the other way round.
    /// </returns>
    /// <exception cref="FaceDataException">The file is missing, damaged, or not a Keras file.</exception>
    public static WeightSet Read(string path)
    {
        try
        {
            // PureHDF reads past the end of a file that it opens itself, so that a damaged length keeps it busy for hours. A buffered
            // stream refuses that.
            using var file = H5File.Open(new BufferedStream(File.OpenRead(path)));
            var weights = new WeightSet();
            long most = MostRatio * new FileInfo(path).Length + LeastBytes;
            Collect(file.LinkExists("model_weights") ? file.Group("model_weights") : file, depth: 0, weights, ref most);
            return weights;
        }
        // PureHDF throws many kinds of exceptions for a damaged file.
        catch (Exception e) when (e is not FaceDataException)
        {
            throw new FaceDataException(
                $"{path}: cannot be read as a Keras file (HDF5): {e.Message} Give a whole .h5 file that Keras saved.", e);
        }
    }

    private static void Collect(IH5Group group, int depth, WeightSet weights, ref long most)
    {
        if (depth > DeepestGroup)
            throw new FormatException($"its groups are nested deeper than {DeepestGroup}.");
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
