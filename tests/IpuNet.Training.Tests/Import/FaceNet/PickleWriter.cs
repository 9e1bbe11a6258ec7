using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;

namespace IpuNet.Training.Tests.Import.FaceNet;

/// <summary>Writes what torch.save writes of a state_dict, in its zip form.</summary>
internal sealed class PickleWriter
{
    private readonly ArrayBufferWriter<byte> _pickle = new();

    public static byte[] Zip(IReadOnlyList<(string Name, int[] Shape, float[] Values)> tensors)
    {
        var pickle = new PickleWriter().Code(0x80, 2).Global("collections", "OrderedDict").Code(')', 'R', '(');
        for (int i = 0; i < tensors.Count; i++)
            pickle.Text(tensors[i].Name).Tensor($"{i}", tensors[i].Values.Length, tensors[i].Shape);
        return Zip(pickle.Code('u', '.').ToArray(), [.. tensors.Select(t => MemoryMarshal.AsBytes<float>(t.Values).ToArray())]);
    }

    /// <summary>
    /// The form before the zip: magic, protocol, facts of the system, the dictionary, the storages' keys; then each storage with its
    /// length.
    /// </summary>
    public static byte[] Legacy(IReadOnlyList<(string Name, int[] Shape, float[] Values)> tensors)
    {
        var pickles = new PickleWriter()
            .Code(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, '.')
            .Code(0x80, 2, 'M', 0xe9, 0x03, '.')
            .Code(0x80, 2, '}', '.')
            .Code(0x80, 2, '}', '(');
        for (int i = 0; i < tensors.Count; i++)
            pickles.Text(tensors[i].Name).Tensor($"{i}", tensors[i].Values.Length, tensors[i].Shape);
        pickles.Code('u', '.').Code(0x80, 2, ']', '(');
        for (int i = 0; i < tensors.Count; i++)
            pickles.Text($"{i}");
        pickles.Code('e', '.');
        foreach (var (_, _, values) in tensors)
        {
            pickles._pickle.Write<byte>(BitConverter.GetBytes((long)values.Length));
            pickles._pickle.Write(MemoryMarshal.AsBytes<float>(values));
        }

        return pickles.ToArray();
    }

    public static byte[] Zip(byte[] pickle, IReadOnlyList<byte[]> storages)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add("archive/data.pkl", pickle);
            for (int i = 0; i < storages.Count; i++)
                Add($"archive/data/{i}", storages[i]);

            void Add(string name, byte[] bytes)
            {
                using Stream entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(bytes);
            }
        }

        return file.ToArray();
    }

    /// <summary>torch._utils._rebuild_tensor_v2(storage, 0, shape, strides, False, OrderedDict())</summary>
    public PickleWriter Tensor(string key, long count, int[] shape, long offset = 0)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Code('(', '(').Text("storage").Global(
            "torch", "FloatStorage").Text(key).Text("cpu").Number(count).Code('t', 'Q').Number(offset);
        Code('(');
        foreach (int n in shape)
            Number(n);
        Code('t', '(');
        for (int d = 0; d < shape.Length; d++)
            Number(shape.Skip(d + 1).Aggregate(1L, (product, n) => product * n));
        return Code('t', 0x89).Global("collections", "OrderedDict").Code(')', 'R', 't', 'R');
    }

    public PickleWriter Code(params ReadOnlySpan<int> codes)
    {
        foreach (int code in codes)
            _pickle.Write<byte>([(byte)code]);
        return this;
    }

    public PickleWriter Global(string module, string name)
    {
        _pickle.Write(Encoding.UTF8.GetBytes($"c{module}\n{name}\n"));
        return this;
    }

    public PickleWriter Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        _pickle.Write<byte>([(byte)'X']);
        _pickle.Write(length);
        _pickle.Write(bytes);
        return this;
    }

    public PickleWriter Number(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        _pickle.Write<byte>([0x8a, 8]);
        _pickle.Write(bytes);
        return this;
    }

    public byte[] ToArray() => _pickle.WrittenSpan.ToArray();
}
