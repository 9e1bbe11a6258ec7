using System.Collections.ObjectModel;
using System.IO.Compression;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using IpuNet.Faces;
using IpuNet.Faces.Imaging;

namespace IpuNet.Service.Intake;

/// <summary>An image of an archive, unpacked.</summary>
/// <param name="Name">Its name in the archive, folders separated by '/'.</param>
/// <param name="Content">The file.</param>
internal sealed record ArchivedImage(string Name, byte[] Content);

/// <summary>A .zip file of images from somebody who may mean harm. Nothing that it says of itself is believed.</summary>
internal sealed class ImageArchive : IAsyncDisposable
{
    // What the directory of as many entries as are allowed may take at most, with names as long as are allowed.
    private const long DirectoryBytesPerEntry = 1200;

    private readonly ZipArchive _zip;
    private readonly ArchiveStream _stream;
    private readonly ArchiveEntryRule _rule;
    private readonly List<RefusedEntry> _refused = [];

    private ImageArchive(ZipArchive zip, ArchiveStream stream, ArchiveEntryRule rule) => (_zip, _stream, _rule) = (zip, stream, rule);

    /// <summary>How many entries were taken by now.</summary>
    public int Accepted { get; private set; }

    /// <summary>How many folders, hidden files, notes and data there were by now.</summary>
    public int Skipped { get; private set; }

    /// <summary>Which entries were refused by now, and why.</summary>
    public IReadOnlyList<RefusedEntry> Refused => _refused;

    /// <summary>Reads the directory.</summary>
    /// <param name="name">The archive's name within its batch.</param>
    /// <param name="source">Its bytes; seekable.</param>
    /// <param name="limits">What it may cost.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FaceDataException">Nothing of it can be used.</exception>
    public static async Task<ImageArchive> OpenAsync(string name, Stream source, UploadLimits limits, CancellationToken cancellation)
    {
        ArchiveStream stream = await ArchiveStream.OpenAsync(source, limits.MaxEntries * DirectoryBytesPerEntry, cancellation).ConfigureAwait(false);
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
            throw new FaceDataException($"it is no usable .zip file: {error.Message}", error);
        }
        catch
        {
            zip?.Dispose();
            throw;
        }
    }

    /// <summary>Unpacks one image after the other; what cannot be used is among <see cref="Refused"/> then.</summary>
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
            throw new FaceDataException(FormattableString.Invariant($"it has {entries.Count:N0} entries; at most {limits.MaxEntries:N0} are allowed. Split it"));
        decimal unpacked = entries.Sum(entry => (decimal)entry.Length), packed = entries.Sum(entry => (decimal)entry.CompressedLength);
        if (entries.Any(entry => entry.Length < 0 || entry.CompressedLength < 0))
            throw new FaceDataException("it is no usable .zip file: its directory gives lengths that no file has");
        if (unpacked > limits.MaxUnpackedBytes)
            throw new FaceDataException(FormattableString.Invariant($"its entries have {unpacked:N0} bytes; at most {limits.MaxUnpackedBytes:N0} are allowed. Split it"));
        if (packed > length)
            throw new FaceDataException("its entries lie over each other, as those of no honest archive do");
    }

    private static UploadFault Damaged(string reason) => new("damage", reason);

    // What a damaged archive does to its reader, and not what storage does.
    private static bool IsDamage(Exception error, ArchiveStream stream) => stream.Fault is null
        && error is InvalidDataException or IOException or ArgumentException or OverflowException or NotSupportedException or IndexOutOfRangeException;

    private async Task<(byte[]? Content, UploadFault? Fault)> UnpackAsync(
        ZipArchiveEntry entry, string name, CancellationToken cancellation)
    {
        try
        {
            // One byte more than was announced tells whether there is more.
            var content = new byte[entry.Length + 1];
            Stream unpacked = await entry.OpenAsync(cancellation).ConfigureAwait(false);
            await using (unpacked.ConfigureAwait(false))
            {
                int read = await unpacked.ReadAtLeastAsync(content, content.Length, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
                if (read != entry.Length)
                    return (null, Damaged("it is damaged: it is not as long as the archive says"));
            }

            Array.Resize(ref content, content.Length - 1);
            if (Crc32.HashToUInt32(content) != entry.Crc32)
                return (null, Damaged("it is damaged: its checksum is another than the archive's"));
            // As of uploads: what is named as an image is looked into by the worker.
            return !ImageFiles.IsNamedSo(name) && UploadKind.WrongFormat(content) is { } wrong ? (null, wrong) : (content, null);
        }
        catch (Exception error) when (IsDamage(error, _stream))
        {
            return (null, Damaged($"it cannot be unpacked: {error.Message}"));
        }
    }
}
