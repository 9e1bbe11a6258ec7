using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace IpuNet.Service.Tests.Intake;

/// <summary>Makes .zip files and falsifies their directories.</summary>
internal static class TestArchive
{
    // Offsets within a directory entry.
    public const int Flags = 8, Method = 10, Checksum = 16, PackedLength = 20, Length = 24, Attributes = 38, Offset = 42;

    private const uint DirectorySignature = 0x02014b50;

    public static byte[] Of(params string[] names) => Of([.. names.Select(name => (name, Picture(name)))]);

    public static byte[] Of(params (string Name, byte[] Content)[] entries) => Of(CompressionLevel.Fastest, entries);

    public static byte[] Of(CompressionLevel level, params (string Name, byte[] Content)[] entries)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in entries)
            {
                using Stream entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return bytes.ToArray();
    }

    /// <summary>Some bytes, always the same for a name. The intake does not decode images.</summary>
    public static byte[] Picture(string name, int bytes = 200)
    {
        var content = new byte[bytes];
        new Random(name.Sum(c => c)).NextBytes(content);
        return content;
    }

    /// <summary>Writes a field of a directory entry, 2 or 4 bytes.</summary>
    public static byte[] With(this byte[] zip, int entry, int field, uint value, int bytes = 4)
    {
        byte[] changed = [.. zip];
        int at = EntryAt(changed, entry) + field;
        if (bytes == 2)
            BinaryPrimitives.WriteUInt16LittleEndian(changed.AsSpan(at), (ushort)value);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(at), value);
        return changed;
    }

    /// <summary>Replaces all occurrences of a text by another of the same length.</summary>
    public static byte[] WithText(this byte[] zip, string text, string other) =>
        Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(zip).Replace(text, other, StringComparison.Ordinal));

    public static uint FieldOf(byte[] zip, int entry, int field) =>
        BinaryPrimitives.ReadUInt32LittleEndian(zip.AsSpan(EntryAt(zip, entry) + field));

    private static int EntryAt(byte[] zip, int entry)
    {
        for (int at = 0; at < zip.Length - 4; at++)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(zip.AsSpan(at)) == DirectorySignature && entry-- == 0)
                return at;
        }

        throw new ArgumentOutOfRangeException(nameof(entry));
    }
}
