using System.Globalization;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>
/// The aligned faces of the subjects of a gallery, kept so that another recogniser can embed them. All faces that a job enrols of a subject
/// are in one blob, because storage needs its time for requests, not for bytes. The blobs of a subject are in one folder, and their names
/// hold the time of enrolment. So a deletion finds them without the record of the subject, and leaves those of later enrolments.
/// </summary>
/// <remarks>
/// A face that is enrolled again is in the blob of the later job. If the earlier blob still has other faces, the earlier copy stays in it.
/// A deletion or a replacement that removes the face from the record also removes the earlier blob, because it is older.
/// </remarks>
internal sealed class SubjectCrops(StorageAccount account, string gallery, TimeProvider time) : ISubjectTraces
{
    // Metadata: the number of faces in a blob.
    private const string CountKey = "faces";

    private readonly BlobContainerClient _galleries = account.Container(StorageNames.Galleries);

    /// <summary>Keeps the aligned faces of embeddings.</summary>
    /// <exception cref="FaceDataException">There are too many faces of one second, or the pack of that second is damaged.</exception>
    public async Task WriteAsync(
        string subjectId, IEnumerable<(SubjectEmbedding Face, RgbImage Aligned)> faces, CancellationToken cancellation)
    {
        foreach (var (name, own) in FacePack.Sort(faces))
        {
            BlobClient blob = BlobOf(subjectId, name);
            // The blob can exist already: from an earlier attempt at the job, or from another job of the same second, because the clock of
            // storage counts in seconds.
            if (!await TryWriteAsync(blob, own, null, cancellation).ConfigureAwait(false))
                await ChangeAsync(blob, present => present.UnionBy(own, face => face.Key), cancellation).ConfigureAwait(false);
            Overwrite(own);
        }
    }

    /// <summary>Finds the aligned faces of embeddings of a subject. Those that were not kept are left out.</summary>
    /// <exception cref="FaceDataException">A pack or a face in it is damaged.</exception>
    public async Task<IReadOnlyDictionary<SubjectEmbedding, RgbImage>> FindAsync(
        string subjectId, IEnumerable<SubjectEmbedding> faces, CancellationToken cancellation)
    {
        var found = new Dictionary<SubjectEmbedding, RgbImage>();
        foreach (var pack in faces.GroupBy(FacePack.NameOf, StringComparer.Ordinal))
        {
            BlobClient blob = BlobOf(subjectId, pack.Key);
            if (await ReadAsync(blob, cancellation).ConfigureAwait(false) is not { } read)
                continue;
            foreach (var (face, aligned) in FacePack.Find(read.Faces, blob.Name, pack))
                found.Add(face, aligned);
        }

        return found;
    }

    /// <inheritdoc/>
    public SubjectTrace Kind => SubjectTrace.Crop;

    /// <summary>Removes the faces of a subject that were enrolled up to a time, except those that the remaining record names.</summary>
    /// <returns>The number of removed faces.</returns>
    /// <exception cref="FaceDataException">A blob with faces that the record names is damaged.</exception>
    public async Task<int> ForgetAsync(SubjectDeparture departure, CancellationToken cancellation)
    {
        var (subjectId, until, _, rest, _) = departure;
        ILookup<string, string> named = Named(subjectId, rest);
        int removed = 0;
        await foreach (var (pack, at) in PacksAsync(subjectId, cancellation).ConfigureAwait(false))
        {
            if (at > until.UtcTicks)
                continue;
            BlobClient blob = _galleries.GetBlobClient(pack.Name);
            // The named faces are those of a replacement. Faces that another job of the same second enrolled count as sent before it.
            removed += named.Contains(pack.Name)
                ? await ChangeAsync(
                    blob, present => present.IntersectBy(named[pack.Name], face => face.Key), cancellation).ConfigureAwait(false)
                : await DeleteAsync(blob, pack.Metadata, cancellation).ConfigureAwait(false);
        }

        return removed;
    }

    /// <summary>The number of faces that <see cref="ForgetAsync"/> would remove.</summary>
    /// <exception cref="FaceDataException">A blob with faces that the record names is damaged.</exception>
    public async Task<int> CountAsync(SubjectDeparture departure, CancellationToken cancellation)
    {
        var (subjectId, until, _, rest, _) = departure;
        ILookup<string, string> named = Named(subjectId, rest);
        int count = 0;
        await foreach (var (pack, at) in PacksAsync(subjectId, cancellation).ConfigureAwait(false))
        {
            if (at > until.UtcTicks)
                continue;
            if (!named.Contains(pack.Name))
                count += CountOf(pack.Metadata);
            else if (await ReadAsync(_galleries.GetBlobClient(pack.Name), cancellation).ConfigureAwait(false) is { } read)
                count += read.Faces.Keys.Except(named[pack.Name]).Count();
        }

        return count;
    }

    /// <summary>
    /// Removes the blob of a job if the record does not name it: its faces were not enrolled after all. Also removes earlier blobs if all
    /// their faces were enrolled again.
    /// </summary>
    public async Task RemoveOfJobAsync(string subjectId, DateTimeOffset sentAt, SubjectRecord? record, CancellationToken cancellation)
    {
        ILookup<string, string> named = Named(subjectId, record);
        HashSet<string> enrolled = [.. named.SelectMany(contents => contents)];
        await foreach (var (pack, at) in PacksAsync(subjectId, cancellation).ConfigureAwait(false))
        {
            if (at > sentAt.UtcTicks || named.Contains(pack.Name))
                continue;
            BlobClient blob = _galleries.GetBlobClient(pack.Name);
            if (at < sentAt.UtcTicks)
                await DeleteFormerAsync(blob, enrolled, cancellation).ConfigureAwait(false);
            else
                await DeleteAsync(blob, pack.Metadata, cancellation).ConfigureAwait(false);
        }
    }

    // An earlier job may still be about to enrol the faces that it kept. So a blob without a name in the record may be needed, and only a
    // blob whose faces are all enrolled elsewhere can go.
    private static async Task DeleteFormerAsync(BlobClient blob, HashSet<string> enrolled, CancellationToken cancellation)
    {
        try
        {
            if (await ReadAsync(blob, cancellation).ConfigureAwait(false) is { } read && enrolled.IsSupersetOf(read.Faces.Keys))
                await blob.TryDeleteAsync(read.Version, cancellation).ConfigureAwait(false);
        }
        catch (FaceDataException)
        {
            // Nobody can use a damaged blob. It goes with the subject at the latest.
        }
    }

    private async IAsyncEnumerable<(
        BlobItem Pack, long? At)> PacksAsync(string subjectId, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string folder = StorageNames.Crops(gallery, subjectId);
        await foreach (
            BlobItem blob in _galleries.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, folder, cancellation).ConfigureAwait(false))
        {
            // A blob with another kind of name has no known time. It may belong to the subject, so it is listed too.
            yield return (blob, FacePack.TimeOf(blob.Name[folder.Length..]));
        }
    }

    private static async Task<int> DeleteAsync(BlobClient blob, IDictionary<string, string> metadata, CancellationToken cancellation)
    {
        bool isGone = await blob.DeleteIfExistsAsync(
            DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellation).ConfigureAwait(false);
        return isGone ? CountOf(metadata) : 0;
    }

    private static int CountOf(IDictionary<string, string> metadata) =>
        metadata.TryGetValue(CountKey, out string? count) && int.TryParse(count, CultureInfo.InvariantCulture, out int faces) ? faces : 1;

    /// <summary>Adds faces to a blob, or removes faces from it.</summary>
    /// <returns>The number of removed faces.</returns>
    private async Task<int> ChangeAsync(
        BlobClient blob, Func<Dictionary<string, byte[]>, IEnumerable<KeyValuePair<string, byte[]>>> change, CancellationToken cancellation)
    {
        int removed = 0;
        await OptimisticConcurrency.RetryAsync(
            "A pack of aligned faces",
            time,
            async () =>
            {
                var read = await ReadAsync(blob, cancellation).ConfigureAwait(false);
                Dictionary<string, byte[]> present = read?.Faces ?? [];
                var next = change(present).ToDictionary();
                removed = present.Count - next.Count;
                bool isDone = removed == 0 || await TryWriteAsync(blob, next, read?.Version, cancellation).ConfigureAwait(false);
                Overwrite(present);
                return isDone ? next : null;
            },
            cancellation).ConfigureAwait(false);
        return removed;
    }

    private static async Task<(Dictionary<string, byte[]> Faces, ETag Version)?> ReadAsync(BlobClient blob, CancellationToken cancellation)
    {
        (byte[] Content, ETag Version)? read;
        try
        {
            read = await blob.TryReadAsync(FacePack.MaxBytes, cancellation).ConfigureAwait(false);
        }
        catch (FaceDataException tooLong)
        {
            throw FacePack.Damaged(blob.Name, $"{tooLong.Message}.", tooLong);
        }

        if (read is not { } file)
            return null;
        Dictionary<string, byte[]> faces = FacePack.Read(file.Content, blob.Name);
        DeletedMemory.Overwrite(file.Content);
        return (faces, file.Version);
    }

    private static void Overwrite(Dictionary<string, byte[]> faces)
    {
        foreach (byte[] face in faces.Values)
            DeletedMemory.Overwrite(face);
    }

    private static async Task<bool> TryWriteAsync(
        BlobClient blob, Dictionary<string, byte[]> faces, ETag? read, CancellationToken cancellation)
    {
        var metadata = new Dictionary<string, string> { [CountKey] = faces.Count.ToString(CultureInfo.InvariantCulture) };
        byte[] pack = FacePack.Write(faces, blob.Name);
        bool isWritten = await blob.TryReplaceAsync(
            pack, FacePack.MediaType, metadata, read, cancellation).ConfigureAwait(false) is not null;
        DeletedMemory.Overwrite(pack);
        return isWritten;
    }

    // The faces that a record names, by the blobs that hold them.
    private ILookup<string, string> Named(string subjectId, SubjectRecord? record) => (record?.Embeddings ?? [])
        .ToLookup(face => BlobOf(subjectId, FacePack.NameOf(face)).Name, FacePack.ContentOf, StringComparer.Ordinal);

    private BlobClient BlobOf(string subjectId, string pack) =>
        _galleries.GetBlobClient(StorageNames.Crops(gallery, subjectId) + pack);
}
