using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using IpuNet.Contract;
using IpuNet.Faces.Networks;

namespace IpuNet.Training.Import.PyTorch;

/// <summary>
/// Reads the tensors of a PyTorch file (torch.save of a state_dict). PyTorch 1.6 and later write a zip file. Earlier versions write
/// several pickles and then the values. Nothing in the file is executed.
/// </summary>
public static class TorchFile
{
    private const int MaxPickleBytes = 16 * 1024 * 1024;
    private const long MaxFileBytes = 2L * 1024 * 1024 * 1024 - 64 * 1024;
    private const int MostRatio = 4, LeastBytes = 1 << 20;
    private static readonly Int128 Magic = Int128.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Reads all tensors of floating-point numbers. Leaves out others, such as the counters of batches in batch norms.</summary>
    /// <exception cref="FaceDataException">The file is missing or damaged, or does not hold a dictionary of tensors.</exception>
    public static WeightSet Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxFileBytes)
                throw new FormatException("it has more than 2 GiB");
            byte[] file = File.ReadAllBytes(path);
            return file.AsSpan().StartsWith("PK"u8) ? ReadZip(file) : ReadPickles(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException or FormatException
            or OverflowException or ArgumentException or NotSupportedException or IndexOutOfRangeException)
        {
            throw new FaceDataException(
                $"{path}: cannot be read as a PyTorch file: {e.Message}. Give a state_dict that torch.save wrote.", e);
        }
    }

    private static WeightSet ReadZip(byte[] file)
    {
        using var zip = new ZipArchive(new MemoryStream(file, writable: false), ZipArchiveMode.Read);
        if (zip.Entries.Where(e => e.FullName.EndsWith("/data.pkl", StringComparison.Ordinal)).Take(2).ToArray() is not [var pickle])
            throw new FormatException("it is a zip file without one data.pkl");
        // Entries can be compressed and can overlap. So a small file can claim any number of large entries.
        long left = MostRatio * (long)file.Length + LeastBytes;
        string folder = pickle.FullName[..^"data.pkl".Length];
        object? root = new PickleReader(Unpack(pickle, MaxPickleBytes)).Read();
        return Collect(root, file.Length, storage =>
        {
            ZipArchiveEntry entry = zip.GetEntry(
                $"{folder}data/{storage.Key}") ?? throw new FormatException($"the values of storage '{storage.Key}' are missing");
            byte[] values = Unpack(entry, left);
            left -= values.Length;
            return values.Length == checked(storage.Count * BytesPerValue(storage)) ? values : throw new FormatException(
                $"storage '{storage.Key}' has {values.Length:N0} bytes, not those of {storage.Count:N0} values");
        });
    }

    // The claimed length of an entry can be wrong. So the limit counts the bytes that come out.
    private static byte[] Unpack(ZipArchiveEntry entry, long most)
    {
        using Stream stream = entry.Open();
        using var bytes = new MemoryStream();
        var buffer = new byte[81920];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            if (bytes.Length + read > most)
                throw new FormatException($"'{entry.FullName}' unpacks to more than {most:N0} bytes");
            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }

    // The file holds: magic number, protocol version, facts about the system, the dictionary, and the keys of the storages. Then follow
    // the storages, each with its number of values and the values.
    private static WeightSet ReadPickles(byte[] file)
    {
        var reader = new PickleReader(file);
        if (reader.Read() is not Int128 magic || magic != Magic || reader.Read() is not 1001L)
            throw new FormatException("it does not begin as torch.save begins a file");
        reader.Read();
        object? root = reader.Read();
        if (reader.Read() is not List<object?> keys)
            throw new FormatException("it has no list of storages");
        Dictionary<string,
        PickledStorage> storages = Tensors(root).Select(
            t => t.Value.Storage).DistinctBy(s => s.Key).ToDictionary(s => s.Key, StringComparer.Ordinal);
        var values = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        long at = reader.Position;
        foreach (object? item in keys)
        {
            if (item is not string key || !storages.TryGetValue(key, out PickledStorage? storage))
                throw new FormatException("its list of storages names a storage that no tensor uses");
            long bytes = checked(storage.Count * BytesPerValue(storage));
            if (file.Length - at < checked(8 + bytes) || BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan((int)at)) != storage.Count)
                throw new FormatException($"storage '{key}' does not have its {storage.Count:N0} values");
            values[key] = file[(int)(at + 8)..(int)(at + 8 + bytes)];
            at += 8 + bytes;
        }

        return Collect(
            root, file.Length,
            storage => values.TryGetValue(
                storage.Key, out byte[]? found) ? found : throw new FormatException($"the values of storage '{storage.Key}' are missing"));
    }

    private static WeightSet Collect(object? root, long fileLength, Func<PickledStorage, byte[]> read)
    {
        // Tensors can share a storage. The limit keeps a small file from becoming a large model that way.
        long left = MostRatio * fileLength + LeastBytes;
        var cache = new Dictionary<string, float[]>(StringComparer.Ordinal);
        var weights = new WeightSet();
        foreach (var (name, tensor) in Tensors(root).Where(t => t.Value.Storage.Type is "FloatStorage" or "HalfStorage" or "DoubleStorage"))
        {
            if (!cache.TryGetValue(tensor.Storage.Key, out float[]? values))
                cache[tensor.Storage.Key] = values = Floats(tensor.Storage, read(tensor.Storage));
            left -= tensor.Shape.Aggregate((long)sizeof(float), (product, n) => product * n);
            if (left < 0)
                throw new FormatException("its tensors have more values than the file can hold");
            weights[name] = WeightTensor.FromFloats([.. tensor.Shape.Select(n => checked((int)n))], Gather(tensor, values));
        }

        return weights;
    }

    private static IEnumerable<KeyValuePair<string, PickledTensor>> Tensors(object? root)
    {
        if (root is not Dictionary<string, object?> dictionary)
            throw new FormatException("it holds no dictionary of tensors");
        if (dictionary.TryGetValue("state_dict", out object? inner) && inner is Dictionary<string, object?> nested)
            dictionary = nested;
        return dictionary.Where(
            item => item.Value is PickledTensor).Select(item => KeyValuePair.Create(item.Key, (PickledTensor)item.Value!));
    }

    private static float[] Gather(PickledTensor tensor, float[] values)
    {
        var gathered = new float[tensor.Shape.Aggregate(1L, (product, n) => product * n)];
        var index = new long[tensor.Shape.Length];
        long from = tensor.Offset;
        for (long i = 0; i < gathered.LongLength; i++)
        {
            gathered[i] = values[from];
            for (int d = index.Length - 1; d >= 0; d--)
            {
                from += tensor.Strides[d];
                if (++index[d] < tensor.Shape[d])
                    break;
                from -= tensor.Strides[d] * tensor.Shape[d];
                index[d] = 0;
            }
        }

        return gathered;
    }

    private static float[] Floats(PickledStorage storage, byte[] bytes) => storage.Type switch
    {
        "FloatStorage" => MemoryMarshal.Cast<byte, float>(bytes).ToArray(),
        "HalfStorage" => [.. MemoryMarshal.Cast<byte, Half>(bytes).ToArray().Select(v => (float)v)],
        _ => [.. MemoryMarshal.Cast<byte, double>(bytes).ToArray().Select(v => (float)v)],
    };

    private static int BytesPerValue(PickledStorage storage) => storage.Type switch
    {
        "LongStorage" or "DoubleStorage" => 8,
        "FloatStorage" or "IntStorage" => 4,
        "HalfStorage" or "ShortStorage" => 2,
        _ => 1,
    };
}
