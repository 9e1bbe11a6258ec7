using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Gallery;

/// <summary>
/// Aligned faces of a subject in one file: a .zip archive of PNG files, without further compression. The same faces give the same bytes. A
/// pack holds the faces that were enrolled at one time with one alignment. Its name holds both. So a deletion knows the packs that are
/// older than itself without the record of the subject.
/// </summary>
public static class FacePack
{
    /// <summary>The extension of the files.</summary>
    public const string Extension = ".zip";

    /// <summary>The media type of the files.</summary>
    public const string MediaType = "application/zip";

    /// <summary>
    /// Greatest number of faces in a pack: enough for 16 jobs of one subject in the same second. 512 faces of noise have 25 MiB.
    /// </summary>
    public const int MaxFaces = 512;

    private const string FaceExtension = ".png";
    private const int HashDigits = 32;

    // All entries have the first time that the format knows, so that the time of writing does not change the bytes.
    private static readonly DateTimeOffset EntryTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Greatest length of a pack in bytes, and so of each face in it.</summary>
    public static long MaxBytes => ImageLimits.Default.MaxBytes;

    /// <summary>Name of the pack with the aligned face of an embedding.</summary>
    public static string NameOf(SubjectEmbedding face)
    {
        ArgumentNullException.ThrowIfNull(face);
        return string.Create(
            CultureInfo.InvariantCulture, $"{face.EnrolledAt.UtcTicks}-{HashOf(face.Source.Alignment)}{Extension}");
    }

    /// <summary>The time of enrolment in the name of a pack, in ticks of UTC.</summary>
    /// <returns>The time; null if it is not the name of a pack.</returns>
    public static long? TimeOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return long.TryParse(name.Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out long at) ? at : null;
    }

    /// <summary>Name of the aligned face of an embedding within its pack. Recognisers with the same alignment share the face.</summary>
    public static string ContentOf(SubjectEmbedding face)
    {
        ArgumentNullException.ThrowIfNull(face);
        return HashOf($"{face.Provenance.Sha256}|{face.Source.Alignment}");
    }

    /// <summary>Sorts faces into packs: for each pack, its name and its PNG files by their names.</summary>
    public static IEnumerable<(string Name, Dictionary<string, byte[]> Faces)> Sort(
        IEnumerable<(SubjectEmbedding Face, RgbImage Aligned)> faces) => faces
        .GroupBy(face => NameOf(face.Face), StringComparer.Ordinal)
        .Select(
            pack => (
                pack.Key,
                pack.DistinctBy(face => ContentOf(face.Face))
                    .ToDictionary(face => ContentOf(face.Face), face => ImageEncoder.EncodePng(face.Aligned), StringComparer.Ordinal)));

    /// <summary>Finds the aligned faces of embeddings in a pack. Those that are not in the pack are left out.</summary>
    /// <param name="pack">The PNG files of the pack by their names.</param>
    /// <param name="name">Name of the pack in errors.</param>
    /// <param name="faces">The embeddings.</param>
    /// <exception cref="FaceDataException">A face in the pack is damaged.</exception>
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

    /// <summary>Writes a pack.</summary>
    /// <param name="faces">PNG files by their names, which are hexadecimal digits.</param>
    /// <param name="name">Name of the pack in errors.</param>
    /// <returns>The content of the file.</returns>
    /// <exception cref="FaceDataException">There are too many faces for a pack, or too many bytes.</exception>
    public static byte[] Write(IReadOnlyDictionary<string, byte[]> faces, string name)
    {
        if (faces.Count > MaxFaces || faces.Values.Sum(face => face.LongLength) > MaxBytes)
            throw new FaceDataException(
                $"{name}: {faces.Count} faces of one subject in one second are too many. At most {MaxFaces} faces with {MaxBytes:N0} bytes "
                + "can be kept: send them more slowly.");
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

    /// <summary>Reads a pack.</summary>
    /// <param name="pack">The content of the file, at most <see cref="MaxBytes"/>.</param>
    /// <param name="name">Name of the pack in errors.</param>
    /// <returns>The PNG files by their names.</returns>
    /// <exception cref="FaceDataException">The pack is damaged.</exception>
    public static Dictionary<string, byte[]> Read(byte[] pack, string name)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(pack, writable: false), ZipArchiveMode.Read);
            // Entries that overlap or are compressed could be longer together than the file.
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

    /// <summary>Makes the error that a pack is damaged.</summary>
    public static FaceDataException Damaged(string name, string reason, Exception? inner = null) => new(
        $"{name} is no usable pack of aligned faces: {reason} Delete it, so that the images of the faces are used. If they were not kept, "
        + "enrol the subject again.", inner);

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashDigits];

    private static byte[] Unpack(ZipArchiveEntry entry)
    {
        byte[] png = new byte[entry.Length];
        using Stream stream = entry.Open();
        stream.ReadExactly(png);
        return Crc32.HashToUInt32(png) == entry.Crc32 ? png : throw new InvalidDataException(
            $"the checksum of '{entry.FullName}' is not the one in the archive.");
    }
}
