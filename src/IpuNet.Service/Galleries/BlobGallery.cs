using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>
/// A gallery in storage, to be changed. A change is durable before the call returns, and no writer loses another's. Changes count in the
/// order in which they were sent, whenever they are carried out and however often: a deletion removes what was enrolled before it was sent,
/// also what is only enrolled afterwards.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="name">Name of the gallery, as <see cref="GalleryName"/> allows it.</param>
/// <param name="time">The time.</param>
/// <param name="elsewhere">What others keep of subjects: each forgets a subject that goes from the gallery.</param>
public sealed class BlobGallery(StorageAccount account, string name, TimeProvider time, params IReadOnlyList<ISubjectTraces> elsewhere)
{
    private const int Downloads = 8;

    private readonly BlobContainerClient _galleries = account.Container(StorageNames.Galleries);
    private readonly GalleryMarkers _markers = new(account, time);
    private readonly SubjectCrops _crops = new(account, name, time);
    private readonly SubjectPictures _pictures = new(account);
    private readonly Tombstones _tombstones = new(account, name, time);

    /// <summary>Reads a subject.</summary>
    /// <returns>Null where there is none of that id.</returns>
    /// <exception cref="FaceDataException">The id is not allowed, or the record is damaged.</exception>
    public async Task<SubjectRecord?> FindAsync(string subjectId, CancellationToken cancellation) =>
        (await BlobOf(subjectId).TryReadSubjectAsync(cancellation).ConfigureAwait(false))?.Require();

    /// <summary>Reads all subjects. A damaged one is reported and does not keep the others from being read.</summary>
    /// <returns>Null where there is no such gallery.</returns>
    /// <exception cref="FaceDataException">The gallery's marker is damaged.</exception>
    public async Task<GalleryContents?> LoadAsync(CancellationToken cancellation)
    {
        if (await _markers.FindAsync(name, cancellation).ConfigureAwait(false) is null)
            return null;
        var subjects = new ConcurrentBag<SubjectRecord>();
        var failures = new ConcurrentBag<FaceDataException>();
        var blobs = _galleries.GetBlobsAsync(
            BlobTraits.None, BlobStates.None, StorageNames.Subjects(name), cancellation).Where(blob => SubjectBlobs.IsSubject(blob.Name));
        var options = new ParallelOptions { MaxDegreeOfParallelism = Downloads, CancellationToken = cancellation };
        await Parallel.ForEachAsync(blobs, options, async (blob, stop) =>
        {
            if (await _galleries.GetBlobClient(blob.Name).TryReadSubjectAsync(stop).ConfigureAwait(false) is not { } stored)
                return;
            if (stored.Record is { } subject)
                subjects.Add(subject);
            else
                failures.Add(stored.Damage!);
        }).ConfigureAwait(false);
        return new GalleryContents(
            [.. subjects.OrderBy(subject => subject.SubjectId, StringComparer.Ordinal)],
            [.. failures.OrderBy(failure => failure.Message, StringComparer.Ordinal)]);
    }

    /// <summary>Adds faces to a subject, or makes it. Faces that are there already change nothing.</summary>
    /// <param name="subjectId">The subject.</param>
    /// <param name="faces">At least one face, each with <paramref name="sentAt"/> as the time of its enrolment.</param>
    /// <param name="sentAt">When this was asked for, by the clock of storage.</param>
    /// <param name="cancellation">Gives up; the change may have been made then.</param>
    /// <returns>The subject as it is now.</returns>
    /// <exception cref="FaceDataException">
    /// The id is not allowed, the record is damaged or of other models, or the subject was deleted or replaced after this was sent. Nothing
    /// changed.
    /// </exception>
    /// <exception cref="IOException">Others changed the subject all the time.</exception>
    public Task<SubjectRecord> AddAsync(
        string subjectId, IReadOnlyList<SubjectEmbedding> faces, DateTimeOffset sentAt, CancellationToken cancellation) =>
        EnrolAsync(
            subjectId,
            faces,
            sentAt,
            present => Task.FromResult(faces.Aggregate(present, (record, face) => SubjectRecord.Renew(record, subjectId, face))!),
            cancellation);

    /// <summary>
    /// Puts faces in place of those that a subject had when this was sent, and removes the pictures of those; or makes the subject.
    /// </summary>
    /// <inheritdoc cref="AddAsync"/>
    public Task<SubjectRecord> ReplaceAsync(
        string subjectId, IReadOnlyList<SubjectEmbedding> faces, DateTimeOffset sentAt, CancellationToken cancellation) =>
        EnrolAsync(
            subjectId,
            faces,
            sentAt,
            async present =>
            {
                SubjectRecord replaced = SubjectRecord.Replace(present, subjectId, faces, sentAt);
                // They go first: once the record names them no longer, nobody would find them.
                var departure = new SubjectDeparture(subjectId, sentAt, present, replaced, IsDeleted: false);
                foreach (ISubjectTraces traces in Traces)
                    await traces.ForgetAsync(departure, cancellation).ConfigureAwait(false);
                return replaced;
            },
            cancellation);

    /// <summary>
    /// Removes a subject with its pictures, as far as it was enrolled before this was sent, and from the pages about retrainings. Works on
    /// a damaged record, too.
    /// </summary>
    /// <param name="subjectId">The subject.</param>
    /// <param name="sentAt">When this was asked for, by the clock of storage.</param>
    /// <param name="cancellation">Gives up; the subject may be removed in part then.</param>
    /// <param name="intend">Is told what is about to be removed, before anything is; null for nobody.</param>
    /// <returns>What was removed; nothing where there was no such subject.</returns>
    /// <exception cref="FaceDataException">The id is not allowed.</exception>
    /// <exception cref="IOException">Others changed the subject all the time.</exception>
    public async Task<SubjectRemoval> DeleteAsync(
        string subjectId, DateTimeOffset sentAt, CancellationToken cancellation, Func<SubjectRemoval, Task>? intend = null)
    {
        _ = SubjectId.Require(subjectId);
        // Whoever enrols the subject meanwhile sees this, before the write or after it.
        await _tombstones.SetAsync(subjectId, sentAt, cancellation).ConfigureAwait(false);
        SubjectRemoval removal = await RemoveAsync(subjectId, sentAt, intend, cancellation).ConfigureAwait(false);
        await StampAsync(cancellation).ConfigureAwait(false);
        return removal;
    }

    /// <summary>
    /// Keeps the aligned faces that embeddings are of, before they are enrolled. Where they are not enrolled after all,
    /// <see cref="ForgetUnusedAsync"/> removes
    /// them.
    /// </summary>
    /// <exception cref="FaceDataException">
    /// The id is not allowed, there are too many of one second, or what was kept of it is damaged.
    /// </exception>
    public Task KeepAsync(string subjectId, IEnumerable<(SubjectEmbedding Face, RgbImage Aligned)> faces, CancellationToken cancellation) =>
        _crops.WriteAsync(SubjectId.Require(subjectId), faces, cancellation);

    /// <summary>Removes the aligned faces that a job kept and did not enrol, and former ones of faces that it enrolled once more.</summary>
    /// <exception cref="FaceDataException">The subject's record is damaged, and may name them.</exception>
    public async Task ForgetUnusedAsync(string subjectId, DateTimeOffset sentAt, CancellationToken cancellation) =>
        await _crops.RemoveOfJobAsync(
            subjectId, sentAt, await FindAsync(subjectId, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);

    /// <summary>
    /// Makes sure that a subject was not deleted after a job was sent, and that nothing of such a job is left where it was.
    /// </summary>
    /// <exception cref="FaceDataException">It was deleted.</exception>
    public async Task RequireNotDeletedAsync(string subjectId, DateTimeOffset sentAt, CancellationToken cancellation)
    {
        if (await _tombstones.FindAsync(subjectId, cancellation).ConfigureAwait(false) is not { } deletedAt || sentAt > deletedAt)
            return;
        // What the deletion could not see because it was not written yet, by this job or by an attempt at it that did not get to its end.
        await RemoveAsync(subjectId, deletedAt, intend: null, cancellation).ConfigureAwait(false);
        await StampAsync(cancellation).ConfigureAwait(false);
        throw new FaceDataException("The subject was deleted after this job was sent; send it again.");
    }

    /// <summary>
    /// Takes faces of a subject over that were enrolled elsewhere, each at its own time; those that are there already change nothing. What
    /// was deleted or replaced here since then is not brought back. Workers are not told.
    /// </summary>
    /// <param name="subjectId">The subject.</param>
    /// <param name="faces">At least one face, with the aligned face that is kept of it; null where none is.</param>
    /// <param name="cancellation">Gives up; the change may have been made then.</param>
    /// <exception cref="FaceDataException">The id is not allowed, or the record is damaged.</exception>
    /// <exception cref="IOException">Others changed the subject all the time.</exception>
    internal async Task<TakenFaces> TakeOverAsync(
        string subjectId, IReadOnlyList<(SubjectEmbedding Face, RgbImage? Aligned)> faces, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(subjectId);
        DateTimeOffset? deletedAt = await _tombstones.FindAsync(subjectId, cancellation).ConfigureAwait(false);
        var later = faces.Where(face => deletedAt is null || face.Face.EnrolledAt > deletedAt).ToArray();
        if (later.Length == 0)
            return new TakenFaces(0, faces.Count);
        var kept = later.Where(face => face.Aligned is not null).Select(face => (face.Face, face.Aligned!)).ToArray();
        await KeepAsync(subjectId, kept, cancellation).ConfigureAwait(false);
        bool isNew = true;
        TakenFaces taken = await OptimisticConcurrency.RetryAsync(
            "A subject that is uploaded",
            time,
            async () =>
            {
                StoredSubject? read = await blob.TryReadSubjectAsync(cancellation).ConfigureAwait(false);
                SubjectRecord? present = read?.Require();
                isNew = present is null;
                SubjectEmbedding[] own = [.. later.Select(face => face.Face).Where(face => !(present?.ReplacedAt > face.EnrolledAt))];
                SubjectRecord? changed = own.Aggregate(present, (record, face) => SubjectRecord.Renew(record, subjectId, face));
                return changed is null || ReferenceEquals(changed, present)
                    || await blob.TryWriteAsync(changed, read?.Version, cancellation).ConfigureAwait(false) is not null
                    ? new TakenFaces(own.Length, faces.Count - own.Length)
                    : null;
            },
            cancellation).ConfigureAwait(false);
        // What was kept and is not enrolled after all, or is kept of an earlier time, too.
        if (!isNew && kept.Length > 0)
        {
            foreach (DateTimeOffset at in kept.Select(face => face.Face.EnrolledAt).Distinct())
                await ForgetUnusedAsync(subjectId, at, cancellation).ConfigureAwait(false);
        }

        // A deletion meanwhile may not have seen what was written.
        if (await _tombstones.FindAsync(subjectId, cancellation).ConfigureAwait(false) is not { } deleted)
            return taken;
        if (later.Where(face => face.Face.EnrolledAt <= deleted).Select(face => face.Face.EnrolledAt).ToArray() is not [var gone, ..])
            return taken;
        try
        {
            await RequireNotDeletedAsync(subjectId, gone, cancellation).ConfigureAwait(false);
        }
        catch (FaceDataException)
        {
            // That is how it says what it removed; what is left is counted here.
        }

        int left = faces.Count(face => face.Face.EnrolledAt <= deleted);
        return new TakenFaces(Math.Max(0, faces.Count - left), left);
    }

    private async Task<SubjectRecord> EnrolAsync(
        string subjectId, IReadOnlyList<SubjectEmbedding> faces, DateTimeOffset sentAt, Func<SubjectRecord?, Task<SubjectRecord>> change,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(faces);
        ArgumentOutOfRangeException.ThrowIfZero(faces.Count, nameof(faces));
        if (faces.Any(face => face.EnrolledAt != sentAt))
            throw new ArgumentException("A face is enrolled when that was sent.", nameof(faces));
        BlobClient blob = BlobOf(subjectId);
        await _markers.RequireAsync(name, [faces[0].Source], cancellation).ConfigureAwait(false);
        await RequireNotDeletedAsync(subjectId, sentAt, cancellation).ConfigureAwait(false);
        SubjectRecord enrolled = await OptimisticConcurrency.RetryAsync(
            $"The subject of {sentAt:O}",
            time,
            async () =>
            {
                StoredSubject? read = await blob.TryReadSubjectAsync(cancellation).ConfigureAwait(false);
                SubjectRecord? present = read?.Require();
                if (present?.ReplacedAt > sentAt)
                    throw new FaceDataException("The subject's faces were replaced after this job was sent; send it again.");
                SubjectRecord changed = await change(present).ConfigureAwait(false);
                return ReferenceEquals(changed, present)
                    || await blob.TryWriteAsync(changed, read?.Version, cancellation).ConfigureAwait(false) is not null
                    ? changed
                    : null;
            },
            cancellation).ConfigureAwait(false);
        await RequireNotDeletedAsync(subjectId, sentAt, cancellation).ConfigureAwait(false);
        // Also where nothing changed: whoever changed it may have ended before this.
        await StampAsync(cancellation).ConfigureAwait(false);
        return enrolled;
    }

    private IEnumerable<ISubjectTraces> Traces => [_crops, .. elsewhere, _pictures];

    private Task<SubjectRemoval> RemoveAsync(
        string subjectId, DateTimeOffset until, Func<SubjectRemoval, Task>? intend, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(subjectId);
        Dictionary<SubjectTrace, int> forgotten = [];
        return OptimisticConcurrency.RetryAsync(
            $"The subject deleted at {until:O}",
            time,
            async () =>
            {
                StoredSubject? read = await blob.TryReadSubjectAsync(cancellation).ConfigureAwait(false);
                SubjectRecord? present = read?.Record, rest = present?.EnrolledAfter(until);
                var departure = new SubjectDeparture(subjectId, until, present, rest, IsDeleted: true);
                bool isRecordLeft = read is null || (ReferenceEquals(present, rest) && present is not null);
                SubjectRemoval removal = isRecordLeft
                    ? SubjectRemoval.Nothing with { Left = present?.Embeddings.Count ?? 0 }
                    : SubjectRemoval.Of(departure);
                if (intend is not null)
                {
                    Dictionary<SubjectTrace, int> found = [];
                    foreach (ISubjectTraces traces in Traces)
                        found[traces.Kind] = await traces.CountAsync(departure, cancellation).ConfigureAwait(false);
                    await intend(removal.With(found)).ConfigureAwait(false);
                }

                // They go first: once the record is gone, nobody would find them. They go also where there is no record: an enrolment that
                // was cut off may have kept faces.
                foreach (ISubjectTraces traces in Traces)
                {
                    forgotten[traces.Kind] = forgotten.GetValueOrDefault(traces.Kind)
                        + await traces.ForgetAsync(departure, cancellation).ConfigureAwait(false);
                }

                bool isDone = isRecordLeft
                    || (rest is null
                        ? await blob.TryDeleteAsync(read!.Version, cancellation).ConfigureAwait(false)
                        : await blob.TryWriteAsync(rest, read!.Version, cancellation).ConfigureAwait(false) is not null);
                if (!isRecordLeft)
                    present?.Overwrite();
                return isDone ? removal.With(forgotten) : null;
            },
            cancellation);
    }

    /// <summary>
    /// Whether the gallery has no later source than this: else a face that this one has embedded is to be embedded by that, too.
    /// </summary>
    public async Task<bool> IsLatestAsync(EmbeddingSource source, CancellationToken cancellation) =>
        (await _markers.FindAsync(name, cancellation).ConfigureAwait(false))?.IsLatest(source) ?? true;

    /// <summary>Has running workers look at the gallery.</summary>
    internal async Task StampAsync(CancellationToken cancellation)
    {
        var stamp = new BinaryData(GalleryJson.Write(new GalleryStamp { ChangedAt = time.GetUtcNow() }));
        await _galleries.GetBlobClient(StorageNames.GalleryStamp(
            name)).UploadAsync(stamp, overwrite: true, cancellation).ConfigureAwait(false);
    }

    private BlobClient BlobOf(string subjectId) => _galleries.GetBlobClient(StorageNames.Subject(name, SubjectId.Require(subjectId)));
}

/// <summary>
/// Says of each deleted subject when the last deletion was sent, so that a job from before does not bring the subject back.
/// </summary>
internal sealed class Tombstones(StorageAccount account, string gallery, TimeProvider time)
{
    /// <summary>Notes a deletion, unless a later one is noted.</summary>
    public Task SetAsync(string subjectId, DateTimeOffset deletedAt, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(subjectId);
        return OptimisticConcurrency.RetryAsync(
            $"The tombstone of {deletedAt:O}",
            time,
            async () =>
            {
                BlobDownloadResult? read = await blob.TryReadAsync(cancellation).ConfigureAwait(false);
                Tombstone? present = read is null ? null : GalleryJson.ReadTombstone(read.Content, blob.Name);
                if (present?.DeletedAt >= deletedAt)
                    return present;
                var tombstone = new Tombstone { DeletedAt = deletedAt };
                ETag? written = await blob.TryReplaceAsync(
                    GalleryJson.Write(tombstone), read?.Details.ETag, cancellation).ConfigureAwait(false);
                return written is null ? null : tombstone;
            },
            cancellation);
    }

    /// <summary>When the subject's last deletion was sent.</summary>
    /// <returns>Null where it never was.</returns>
    /// <exception cref="FaceDataException">The tombstone is damaged.</exception>
    public async Task<DateTimeOffset?> FindAsync(string subjectId, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(subjectId);
        return await blob.TryReadAsync(cancellation).ConfigureAwait(false) is { } read ? GalleryJson.ReadTombstone(
            read.Content, blob.Name).DeletedAt : null;
    }

    private BlobClient BlobOf(string subjectId) => account.Container(StorageNames.Galleries)
        .GetBlobClient(StorageNames.Tombstone(gallery, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subjectId)))));
}
