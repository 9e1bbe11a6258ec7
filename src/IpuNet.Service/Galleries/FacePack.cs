using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using IpuNet.Faces;
using IpuNet.Faces.Imaging;

namespace IpuNet.Service.Galleries;

/// <summary>
/// Aligned faces in one file: a .zip archive of PNG files, which are not compressed once more. The same faces make the same bytes.
/// </summary>
internal static class FacePack
{
    /// <summary>What the names of such files end in.</summary>
    public const string Extension = ".zip";

    /// <summary>Its media type.</summary>
    public const string MediaType = "application/zip";

    /// <summary>Most faces of a pack: as many as 16 jobs enrol that one second sees, of one subject. 512 faces of noise have 25 MiB.</summary>
    public const int MaxFaces = 512;

    private const string FaceExtension = ".png";

    // The first time that the format knows: when a pack is written must not be told from its bytes.
    private static readonly DateTimeOffset EntryTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Greatest length of a pack, bytes; no face in it is longer.</summary>
    public static long MaxBytes => ImageLimits.Default.MaxBytes;

    /// <summary>The bytes of a pack.</summary>
    /// <param name="faces">PNG files by their names, which are hexadecimal digits.</param>
    /// <param name="name">What error messages call the pack.</param>
    /// <exception cref="FaceDataException">They are more than a pack may hold.</exception>
    public static byte[] Write(IReadOnlyDictionary<string, byte[]> faces, string name)
    {
        if (faces.Count > MaxFaces || faces.Values.Sum(face => face.LongLength) > MaxBytes)
            throw new FaceDataException($"{name}: {faces.Count} faces of one subject in one second are more than can be kept ({MaxFaces}, {MaxBytes:N0} bytes): send them more slowly.");
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (content, png) in faces.OrderBy(face => face.Key, StringComparer.Ordinal))
            {
                ZipArchiveEntry entry = zip.CreateEntry(content + FaceExtension, CompressionLevel.NoCompression);
                entry.LastWriteTime = EntryTime;
                using Stream stream = entry.Open();
                stream.Write(png);
            }
        }

        byte[] pack = file.ToArray();
        DeletedMemory.Overwrite(file.GetBuffer());
        return pack;
    }

    /// <summary>The faces of a pack: PNG files by their names.</summary>
    /// <param name="pack">The file, of at most <see cref="MaxBytes"/>.</param>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="FaceDataException">It is damaged.</exception>
    public static Dictionary<string, byte[]> Read(byte[] pack, string name)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(pack, writable: false), ZipArchiveMode.Read);
            // Entries that lie over each other, or are compressed, could be more than the file.
            if (zip.Entries.Count > MaxFaces || zip.Entries.Sum(entry => (decimal)entry.Length) > pack.Length)
                throw new InvalidDataException($"its {zip.Entries.Count.ToString(CultureInfo.InvariantCulture)} entries are too many or too long.");
            return zip.Entries.ToDictionary(entry => Path.GetFileNameWithoutExtension(entry.FullName), Unpack, StringComparer.Ordinal);
        }
        catch (Exception damage) when (damage is InvalidDataException or IOException or ArgumentException or OverflowException or NotSupportedException or IndexOutOfRangeException)
        {
            throw Damaged(name, damage.Message, damage);
        }
    }

    /// <summary>The error that a pack is damaged.</summary>
    public static FaceDataException Damaged(string name, string reason, Exception? inner = null) => new(
        $"{name} is no usable pack of aligned faces: {reason} Delete it, so that the pictures are used where they were kept; else enrol the subject anew.", inner);

    private static byte[] Unpack(ZipArchiveEntry entry)
    {
        byte[] png = new byte[entry.Length];
        using Stream stream = entry.Open();
        stream.ReadExactly(png);
        return Crc32.HashToUInt32(png) == entry.Crc32 ? png : throw new InvalidDataException($"the checksum of '{entry.FullName}' is another than the archive's.");
    }
}
