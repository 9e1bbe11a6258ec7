using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// Aligned faces of a subject in one file: a .zip archive of PNG files, which are not compressed once more. The same faces make the same
/// bytes. A pack holds what was enrolled at one time by one alignment, and its name says so: a deletion tells it from what was enrolled
/// afterwards, whatever the subject's record says.
/// </summary>
public static class FacePack
{
    /// <summary>What the names of such files end in.</summary>
    public const string Extension = ".zip";

    /// <summary>Its media type.</summary>
    public const string MediaType = "application/zip";

    /// <summary>
    /// Most faces of a pack: as many as 16 jobs enrol that one second sees, of one subject. 512 faces of noise have 25 MiB.
    /// </summary>
    public const int MaxFaces = 512;

    private const string FaceExtension = ".png";
    private const int HashDigits = 32;

    // The first time that the format knows: when a pack is written must not be told from its bytes.
    private static readonly DateTimeOffset EntryTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Greatest length of a pack, bytes; no face in it is longer.</summary>
    public static long MaxBytes => ImageLimits.Default.MaxBytes;

    /// <summary>Name of the pack that holds the face which an embedding is of.</summary>
    public static string NameOf(SubjectEmbedding face)
    {
        ArgumentNullException.ThrowIfNull(face);
        return string.Create(
            CultureInfo.InvariantCulture, $"{face.EnrolledAt.UtcTicks}-{HashOf(face.Source.Alignment)}{Extension}");
    }

    /// <summary>When the faces of a pack were enrolled, in ticks of UTC, as its name says it.</summary>
    /// <returns>Null where it is the name of no pack.</returns>
    public static long? TimeOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return long.TryParse(name.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out long at) ? at : null;
    }

    /// <summary>Name of an embedding's face within its pack. Recognisers that share an alignment share the face.</summary>
    public static string ContentOf(SubjectEmbedding face)
    {
        ArgumentNullException.ThrowIfNull(face);
        return HashOf($"{face.Provenance.Sha256}|{face.Source.Alignment}");
    }

    /// <summary>The faces as packs hold them, by the names of the packs.</summary>
    public static IEnumerable<(string Name, Dictionary<string, byte[]> Faces)> Sort(
        IEnumerable<(SubjectEmbedding Face, RgbImage Aligned)> faces) => faces
        .GroupBy(face => NameOf(face.Face), StringComparer.Ordinal)
        .Select(
            pack => (
                pack.Key,
                pack.DistinctBy(face => ContentOf(face.Face))
                    .ToDictionary(face => ContentOf(face.Face), face => ImageEncoder.EncodePng(face.Aligned), StringComparer.Ordinal)));

    /// <summary>Finds the faces that embeddings are of in their pack.</summary>
    /// <param name="pack">PNG files by their names.</param>
    /// <param name="name">What error messages call the pack.</param>
    /// <param name="faces">Embeddings of which the pack may hold the faces.</param>
    /// <exception cref="FaceDataException">A face in it is damaged.</exception>
    public static IEnumerable<(SubjectEmbedding Face, RgbImage Aligned)> Find(
        IReadOnlyDictionary<string, byte[]> pack, string name, IEnumerable<SubjectEmbedding> faces)
    {
        ArgumentNullException.ThrowIfNull(pack);
        ArgumentNullException.ThrowIfNull(faces);
        foreach (SubjectEmbedding face in faces)
        {
            if (pack.TryGetValue(ContentOf(face), out byte[]? png))
                yield return (face, ImageDecoder.Decode(png, $"{name}: {ContentOf(face)}"));
        }
    }

    /// <summary>The bytes of a pack.</summary>
    /// <param name="faces">PNG files by their names, which are hexadecimal digits.</param>
    /// <param name="name">What error messages call the pack.</param>
    /// <exception cref="FaceDataException">They are more than a pack may hold.</exception>
    public static byte[] Write(IReadOnlyDictionary<string, byte[]> faces, string name)
    {
        if (faces.Count > MaxFaces || faces.Values.Sum(face => face.LongLength) > MaxBytes)
            throw new FaceDataException(
                $"{name}: {faces.Count} faces of one subject in one second are more than can be kept ({MaxFaces}, {MaxBytes:N0} bytes): "
                + "send them more slowly.");
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
        CryptographicOperations.ZeroMemory(file.GetBuffer());
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
                throw new InvalidDataException(
                    $"its {zip.Entries.Count.ToString(CultureInfo.InvariantCulture)} entries are too many or too long.");
            return zip.Entries.ToDictionary(entry => Path.GetFileNameWithoutExtension(entry.FullName), Unpack, StringComparer.Ordinal);
        }
        catch (Exception damage) when (damage is InvalidDataException or IOException or ArgumentException or OverflowException
            or NotSupportedException or IndexOutOfRangeException)
        {
            throw Damaged(name, damage.Message, damage);
        }
    }

    /// <summary>The error that a pack is damaged.</summary>
    public static FaceDataException Damaged(string name, string reason, Exception? inner = null) => new(
        $"{name} is no usable pack of aligned faces: {reason} Delete it, so that the pictures are used where they were kept; else enrol "
        + "the subject anew.", inner);

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashDigits];

    private static byte[] Unpack(ZipArchiveEntry entry)
    {
        byte[] png = new byte[entry.Length];
        using Stream stream = entry.Open();
        stream.ReadExactly(png);
        return Crc32.HashToUInt32(png) == entry.Crc32 ? png : throw new InvalidDataException(
            $"the checksum of '{entry.FullName}' is another than the archive's.");
    }
}
