using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Contract;
using IpuNet.Faces.Networks;

namespace IpuNet.Training.Import;

/// <summary>
/// Reads the weights of face-api: a TensorFlow.js manifest, and the binary files that it names. Most tensors are quantised to 8 bit.
/// The names and layouts become those of this project's networks (<see cref="FaceApiNames"/>).
/// </summary>
public static class FaceApiWeights
{
    // The largest distance of a zero point from a whole number. Rounding moves every weight by at most this part of one of the 255 steps.
    private const double ZeroPointTolerance = 0.01;

    /// <summary>Reads all tensors of a manifest.</summary>
    /// <param name="manifestPath">The manifest, "..._model-weights_manifest.json". The binary files are in the same folder.</param>
    /// <returns>
    /// The weights: convolutions as [out, in / groups, k, k], fully connected layers as [out, in]. A quantised tensor stays at 8 bit if one
    /// of its 256 values stands for 0. If not, it becomes floats.
    /// </returns>
    /// <exception cref="FaceDataException">
    /// A file is missing or damaged, has another size than the manifest says, or holds values of an unknown type.
    /// </exception>
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
            $"{string.Join(", ", group.Paths)}: {what}, by the sizes in {Path.GetFileName(manifestPath)}. Copy both again, from one "
            + "release of face-api.");
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
                throw new FaceDataException(
                    $"{file}: is missing, and {Path.GetFileName(manifestPath)} needs it. Copy both from one release.");
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
            $"{manifestPath}: '{entry.Name}' is of type '{type}'{(quantised is null ? "" : $" stored as '{quantised}'")}. Only float32 "
            + "and int32 can be read, either plain or stored as uint8."),
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
            values[i] = entry.Dtype == "int32" ? BinaryPrimitives.ReadInt32LittleEndian(value) : BinaryPrimitives
                .ReadSingleLittleEndian(value);
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

/// <summary>
/// Turns the names of face-api into those of this project. '/' becomes '.', and the last part becomes one of this project's names.
/// <list type="bullet">
/// <item>"conv0/filters" and "x/weights" become "conv0.weight" and "x.weight". A matrix such as "fc" becomes "fc.weight". "x/biases" and
/// "x/convolution_bn_offset" become "x.bias".</item>
/// <item>"conv1/depthwise_filter" becomes "conv1.depthwise.weight". "conv1/pointwise_filter" becomes "conv1.pointwise.weight". A
/// "conv1/bias" beside it belongs to the pointwise part, and becomes "conv1.pointwise.bias". "x/depthwise_weights" becomes
/// "x.weight".</item>
/// <item>"gamma", "beta", "moving_mean" and "moving_variance" of a batch norm become "weight", "bias", "running_mean" and
/// "running_var".</item>
/// </list>
/// </summary>
internal sealed class FaceApiNames(IEnumerable<string> all)
{
    private readonly HashSet<string> _all = new(all, StringComparer.Ordinal);

    public string Map(FaceApiEntry entry)
    {
        int slash = entry.Name.LastIndexOf('/');
        string layer = slash < 0 ? "" : entry.Name[..slash], last = entry.Name[(slash + 1)..];
        string? mapped = last switch
        {
            "filters" or "weights" or "depthwise_weights" or "gamma" => "weight",
            "depthwise_filter" => "depthwise.weight",
            "pointwise_filter" => "pointwise.weight",
            "bias" when _all.Contains($"{layer}/pointwise_filter") => "pointwise.bias",
            "bias" or "biases" or "beta" or "convolution_bn_offset" => "bias",
            "moving_mean" => "running_mean",
            "moving_variance" => "running_var",
            _ => null,
        };
        string name = mapped is null ? entry.Name : $"{layer}/{mapped}";
        if (mapped is null && entry.Shape.Count == 2)
            name += "/weight";
        return name.Replace('/', '.');
    }
}

/// <summary>One group of a TensorFlow.js weight manifest: tensors that follow one another in the files of the group.</summary>
internal sealed record FaceApiGroup(IReadOnlyList<string> Paths, IReadOnlyList<FaceApiEntry> Weights);

/// <summary>One tensor of a manifest.</summary>
internal sealed record FaceApiEntry(string Name, IReadOnlyList<int> Shape, string Dtype, FaceApiQuantization? Quantization = null);

/// <summary>The quantisation of a tensor. A stored value q stands for q * Scale + Min.</summary>
internal sealed record FaceApiQuantization(string Dtype, double Scale, double Min);

/// <summary>Reads the manifest's JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(List<FaceApiGroup>))]
internal sealed partial class FaceApiManifest : JsonSerializerContext
{
    /// <exception cref="FaceDataException">The file is missing or is not a manifest.</exception>
    public static IReadOnlyList<FaceApiGroup> Read(string path)
    {
        try
        {
            return StrictJson.Read(File.ReadAllBytes(path), Default.ListFaceApiGroup)
                ?? throw new FaceDataException($"{path}: holds 'null', not a weight manifest. Copy it again from a release of face-api.");
        }
        catch (JsonException e)
        {
            throw new FaceDataException(
                $"{path}: is not a TensorFlow.js weight manifest ({e.Message}). Give a file '..._model-weights_manifest.json'.", e);
        }
        catch (IOException e)
        {
            throw new FaceDataException(
                $"{path}: cannot be read ({e.Message}). 'npm pack @vladmandic/face-api' gets the weights, in the folder 'model'.", e);
        }
    }
}
