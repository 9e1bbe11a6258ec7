using System.Collections.ObjectModel;
using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;

namespace IpuNet.Service.Intake;

/// <summary>An unpacked image of an archive.</summary>
/// <param name="Name">The image's name in the archive, with folders separated by '/'.</param>
/// <param name="Content">The bytes of the file.</param>
internal sealed record ArchivedImage(string Name, byte[] Content);

/// <summary>A .zip file of images. It may be hostile, so nothing that it states about itself is trusted.</summary>
internal sealed class ImageArchive : IAsyncDisposable
{
    // The maximum size of an entry in the directory, with the longest allowed name.
    private const long DirectoryBytesPerEntry = 1200;

    private readonly ZipArchive _zip;
    private readonly ArchiveStream _stream;
    private readonly ArchiveEntryRule _rule;
    private readonly List<RefusedEntry> _refused = [];

    private ImageArchive(ZipArchive zip, ArchiveStream stream, ArchiveEntryRule rule) => (_zip, _stream, _rule) = (zip, stream, rule);

    /// <summary>The number of entries accepted so far.</summary>
    public int Accepted { get; private set; }

    /// <summary>The number of folders, hidden files, notes and data files so far.</summary>
    public int Skipped { get; private set; }

    /// <summary>The entries refused so far, with the reasons.</summary>
    public IReadOnlyList<RefusedEntry> Refused => _refused;

    /// <summary>Reads the directory.</summary>
    /// <param name="name">The archive's name within its batch.</param>
    /// <param name="source">The archive's bytes; seekable.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="FaceDataException">The archive cannot be used.</exception>
    public static async Task<ImageArchive> OpenAsync(string name, Stream source, UploadLimits limits, CancellationToken cancellation)
    {
        ArchiveStream stream = await ArchiveStream.OpenAsync(
            source, limits.MaxEntries * DirectoryBytesPerEntry, cancellation).ConfigureAwait(false);
        ZipArchive? zip = null;
        try
        {
            zip = await ZipArchive.CreateAsync(stream, ZipArchiveMode.Read, leaveOpen: true, EntryNameEncoding.Instance, cancellation)
                .ConfigureAwait(false);
            RequireWithin(limits, zip.Entries, source.Length);
            return new ImageArchive(zip, stream, new ArchiveEntryRule(name, limits));
        }
        catch (Exception error) when (IsDamage(error, stream))
        {
            zip?.Dispose();
            string fault = error is InvalidDataException ? error.Message : "It is damaged, or its end is missing.";
            throw new FaceDataException($"it is not a usable .zip file: {fault}", error);
        }
        catch
        {
            zip?.Dispose();
            throw;
        }
    }

    /// <summary>Unpacks the images one by one. Entries that cannot be used are added to <see cref="Refused"/>.</summary>
    public async IAsyncEnumerable<ArchivedImage> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        foreach (ZipArchiveEntry entry in _zip.Entries)
        {
            string name = ArchiveEntryRule.NameOf(entry);
            if (ArchiveEntryRule.IsSkipped(name))
            {
                Skipped++;
                continue;
            }

            var (content, fault) = _rule.FaultOf(entry, name) is { } refusal
                ? (null, refusal)
                : await UnpackAsync(entry, name, cancellation).ConfigureAwait(false);
            if (content is null)
            {
                IntakeMetrics.Refused("entry", fault!.Category);
                _refused.Add(new RefusedEntry(UploadName.Shown(name), fault.Reason));
                continue;
            }

            Accepted++;
            yield return new ArchivedImage(name, content);
        }
    }

    public ValueTask DisposeAsync() => _zip.DisposeAsync();

    private static void RequireWithin(UploadLimits limits, ReadOnlyCollection<ZipArchiveEntry> entries, long length)
    {
        if (entries.Count > limits.MaxEntries)
            throw new FaceDataException(FormattableString.Invariant(
                $"it has {entries.Count:N0} entries; at most {limits.MaxEntries:N0} are allowed. Split it"));
        decimal unpacked = entries.Sum(entry => (decimal)entry.Length), packed = entries.Sum(entry => (decimal)entry.CompressedLength);
        if (entries.Any(entry => entry.Length < 0 || entry.CompressedLength < 0))
            throw new FaceDataException("it is not a usable .zip file: its directory states impossible lengths");
        if (unpacked > limits.MaxUnpackedBytes)
            throw new FaceDataException(FormattableString.Invariant(
                $"its entries have {unpacked:N0} bytes; at most {limits.MaxUnpackedBytes:N0} are allowed. Split it"));
        if (packed > length)
            throw new FaceDataException("its entries overlap, which a proper .zip file never has. Pack it again");
    }

    private static UploadFault Damaged(string reason) => new("damage", reason);

    // Errors of reading a damaged archive, not of storage.
    private static bool IsDamage(Exception error, ArchiveStream stream) => stream.Fault is null
        && error is InvalidDataException or IOException or ArgumentException or OverflowException or NotSupportedException
            or IndexOutOfRangeException;

    private async Task<(byte[]? Content, UploadFault? Fault)> UnpackAsync(
        ZipArchiveEntry entry, string name, CancellationToken cancellation)
    {
        try
        {
            // The extra byte shows whether the entry is longer than announced.
            var content = new byte[entry.Length + 1];
            Stream unpacked = await entry.OpenAsync(cancellation).ConfigureAwait(false);
            await using (unpacked.ConfigureAwait(false))
            {
                int read = await unpacked.ReadAtLeastAsync(
                    content, content.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
                if (read != entry.Length)
                    return (null, Damaged("it is damaged: its length differs from the one that the archive states"));
            }

            Array.Resize(ref content, content.Length - 1);
            if (Crc32.HashToUInt32(content) != entry.Crc32)
                return (null, Damaged("it is damaged: its checksum differs from the one that the archive states"));
            // As with uploads, the worker checks the content of files that are named as images.
            return !ImageFiles.HasImageExtension(name) && UploadKind.WrongFormat(content) is { } wrong ? (null, wrong) : (content, null);
        }
        catch (Exception error) when (IsDamage(error, _stream))
        {
            return (null, Damaged($"it cannot be unpacked: {error.Message}"));
        }
    }
}

/// <summary>
/// The encoding of entry names that declare none: UTF-8 if the bytes are valid UTF-8, else the DOS code page, which Windows programs use.
/// This is 850 in Europe and 437 in the USA. Both have the same letters in the same places; where 437 has frames and Greek, 850 has more
/// letters. Code page 850 maps every byte, so two names never become one.
/// </summary>
internal sealed class EntryNameEncoding : Encoding
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly Encoding Dos = CodePagesEncodingProvider.Instance.GetEncoding(850)!;

    private EntryNameEncoding()
    {
    }

    public static EntryNameEncoding Instance { get; } = new();

    public override int GetByteCount(char[] chars, int index, int count) => Strict.GetByteCount(chars, index, count);

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        Strict.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetCharCount(byte[] bytes, int index, int count) =>
        Of(bytes.AsSpan(index, count)).GetCharCount(bytes, index, count);

    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex) =>
        Of(bytes.AsSpan(byteIndex, byteCount)).GetChars(bytes, byteIndex, byteCount, chars, charIndex);

    public override int GetMaxByteCount(int charCount) => Strict.GetMaxByteCount(charCount);

    public override int GetMaxCharCount(int byteCount) => Math.Max(Strict.GetMaxCharCount(byteCount), Dos.GetMaxCharCount(byteCount));

    private static Encoding Of(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes) ? Strict : Dos;
}

/// <summary>
/// Decides which entries of an archive are accepted. Everything but the format is judged by the archive's directory, before a byte is
/// unpacked. The format is judged by the first bytes, not by the name.
/// </summary>
internal sealed class ArchiveEntryRule(string archive, UploadLimits limits)
{
    // The upper half of the attributes is the Unix mode. Its highest four bits are the file type.
    private const int TypeShift = 28, LinkType = 0xA;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>An entry's name with '/' between folders. Some Windows programs, such as PowerShell 5.1, write backslashes.</summary>
    public static string NameOf(ZipArchiveEntry entry) => entry.FullName.Replace('\\', '/');

    /// <summary>
    /// Whether an entry is skipped without a refusal: folders, hidden files, notes and data files, which nobody means as images.
    /// </summary>
    /// <param name="name">The name from <see cref="NameOf"/>.</param>
    public static bool IsSkipped(string name) => name.EndsWith('/') || (!LeadsOut(name) && ImageFiles.IsSideFile(name));

    /// <summary>Why an entry is refused.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="name">The name from <see cref="NameOf"/>.</param>
    /// <returns>Null if the entry is accepted.</returns>
    public UploadFault? FaultOf(ZipArchiveEntry entry, string name)
    {
        if (LeadsOut(name))
            return new("name", "its name leads out of the archive");
        if ((UploadName.FaultOf(name) ?? UploadName.FaultOf($"{archive}/{name}")) is { } fault)
            return new("name", $"its name {fault}");
        if (UploadName.IsArchive(name))
            return new("kind", "it is an archive; pack its images directly");
        if (entry.IsEncrypted)
            return new("encrypted", "it is encrypted");
        if ((uint)entry.ExternalAttributes >> TypeShift == LinkType)
            return new("link", "it is a link");
        if (entry.Length == 0)
            return UploadKind.Empty;
        if (entry.Length < 0 || entry.CompressedLength < 0)
            return new("damage", "it is damaged: the archive states an impossible length");
        if (entry.Length > limits.MaxImageBytes)
            return UploadKind.TooLong(entry.Length, limits.MaxImageBytes);
        if (entry.Length / limits.MaxRatio > entry.CompressedLength)
        {
            long ratio = entry.Length / Math.Max(1, entry.CompressedLength);
            return new("ratio", string.Create(
                CultureInfo.InvariantCulture, $"it is {ratio:N0} times as long as its packed form; at most {limits.MaxRatio} is allowed"));
        }

        return _names.Add(name) ? null : new("name", "an earlier entry has the same name");
    }

    private static bool LeadsOut(string name) => name.Split('/').Contains("..");
}
