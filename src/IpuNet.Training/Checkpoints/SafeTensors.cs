using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using IpuNet.Contract;
using IpuNet.Faces.Files;

namespace IpuNet.Training.Checkpoints;

/// <summary>
/// The safetensors file format (huggingface.co/docs/safetensors). A file has 8 bytes with the length of the header, a JSON header with
/// names, types, shapes and offsets, and then the values, little-endian. This class reads and writes tensors of type F32 only.
/// </summary>
public static class SafeTensors
{
    private const int MaxHeaderBytes = 64 * 1024 * 1024;
    private const string MetadataKey = "__metadata__";

    /// <summary>Writes a file. If that fails, the file stays as it was.</summary>
    public static void Write(
        string path, IReadOnlyDictionary<string, string> metadata, IReadOnlyList<(string Name, long[] Shape, float[] Values)> tensors)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        var header = new Dictionary<string, object> { [MetadataKey] = metadata };
        long offset = 0;
        foreach (var (name, shape, values) in tensors)
        {
            long end = offset + values.LongLength * sizeof(float);
            long[] offsets = [offset, end];
            header[name] = new Dictionary<string, object> { ["dtype"] = "F32", ["shape"] = shape, ["data_offsets"] = offsets };
            offset = end;
        }
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);

        AtomicFile.Write(path, WriteTo, durable: true);

        void WriteTo(Stream file)
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
            file.Write(length);
            file.Write(json);
            foreach (var (_, _, values) in tensors)
                file.Write(MemoryMarshal.AsBytes<float>(values));
        }
    }

    /// <summary>Reads a whole file.</summary>
    /// <exception cref="FaceDataException">The file is missing or damaged, or a tensor is not of type F32.</exception>
    public static (IReadOnlyDictionary<string, string> Metadata, IReadOnlyDictionary<string, (long[] Shape, float[] Values)> Tensors) Read(
        string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            Span<byte> length = stackalloc byte[8];
            file.ReadExactly(length);
            ulong claimed = BinaryPrimitives.ReadUInt64LittleEndian(length);
            if (claimed is < 2 or > MaxHeaderBytes || (long)claimed > file.Length - 8)
                throw Damaged(path, FormattableString.Invariant($"its header claims {claimed:N0} bytes"));
            long headerLength = (long)claimed;
            var json = new byte[headerLength];
            file.ReadExactly(json);
            using JsonDocument header = JsonDocument.Parse(json, StrictJson.Document);

            var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
            var tensors = new Dictionary<string, (long[] Shape, float[] Values)>(StringComparer.Ordinal);
            long start = 8 + headerLength;
            RequireNoOverlap(path, header.RootElement);
            foreach (JsonProperty entry in header.RootElement.EnumerateObject())
            {
                if (entry.Name == MetadataKey)
                {
                    foreach (JsonProperty item in entry.Value.EnumerateObject())
                        metadata[item.Name] = item.Value.GetString() ?? "";
                }
                else
                {
                    tensors[entry.Name] = ReadTensor(path, file, start, entry);
                }
            }
            return (metadata, tensors);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException
            or InvalidOperationException or FormatException or OverflowException)
        {
            throw Damaged(path, e.Message, e);
        }
    }

    // The format forbids overlaps. With overlaps, a small file could claim any number of large tensors. So this check comes first.
    private static void RequireNoOverlap(string path, JsonElement header)
    {
        (string Name, long Start, long End)[] places =
        [
            .. header.EnumerateObject().Where(entry => entry.Name != MetadataKey).Select(Place)
                .Where(place => place.End > place.Start).OrderBy(place => place.Start),
        ];
        foreach (var (before, after) in places.Zip(places.Skip(1)))
        {
            if (after.Start < before.End)
                throw Damaged(path, $"the tensors '{before.Name}' and '{after.Name}' overlap");
        }

        static (string Name, long Start, long End) Place(JsonProperty entry)
        {
            long[] offsets = Offsets(entry);
            return offsets.Length == 2 ? (entry.Name, offsets[0], offsets[1]) : (entry.Name, 0, 0);
        }
    }

    private static long[] Offsets(JsonProperty entry) =>
        [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(n => n.GetInt64())];

    private static (long[] Shape, float[] Values) ReadTensor(string path, FileStream file, long start, JsonProperty entry)
    {
        string? type = entry.Value.GetProperty("dtype").GetString();
        if (type != "F32")
            throw Damaged(path, $"the tensor '{entry.Name}' is of type {type}, not F32");
        long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(n => n.GetInt64())];
        long count = shape.Aggregate(
            1L, (product, n) => n >= 0 ? checked(product * n) : throw Damaged(path, $"the tensor '{entry.Name}' has a negative size"));
        long[] offsets = Offsets(entry);
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > file.Length - start
            || offsets[1] - offsets[0] != checked(count * sizeof(float)))
            throw Damaged(path, $"the tensor '{entry.Name}' is not at its place in the header");
        var values = new float[count];
        file.Position = start + offsets[0];
        file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return (shape, values);
    }

    private static FaceDataException Damaged(string path, string what, Exception? inner = null) =>
        new($"{path}: cannot be read as a safetensors file: {what}. Use an older file, or start the training again.", inner);
}
