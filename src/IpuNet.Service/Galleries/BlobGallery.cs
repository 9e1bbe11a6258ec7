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
/// Changes a gallery in storage. A change is durable before the call returns, and no writer overwrites the change of another. Changes take
/// effect in the order in which they were sent, even if they are carried out later, in another order or twice. So a deletion also removes
/// a face that was sent before it and is enrolled after it.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="name">Name of the gallery, as <see cref="GalleryName"/> allows it.</param>
/// <param name="time">The clock.</param>
public sealed class BlobGallery(StorageAccount account, string name, TimeProvider time)
{
    private const int Downloads = 8;

    private readonly BlobContainerClient _galleries = account.Container(StorageNames.Galleries);
    private readonly GalleryMarkers _markers = new(account, time);
    private readonly SubjectCrops _crops = new(account, name, time);
    private readonly RetrainingPages _pages = new(account, time);
    private readonly SubjectPictures _pictures = new(account);
    private readonly Tombstones _tombstones = new(account, name, time);

    /// <summary>Reads a subject.</summary>
    /// <returns>The record; null if there is no subject with that id.</returns>
    /// <exception cref="FaceDataException">The id is not allowed, or the record is damaged.</exception>
    public async Task<SubjectRecord?> FindAsync(string subjectId, CancellationToken cancellation) =>
        (await BlobOf(subjectId).TryReadSubjectAsync(cancellation).ConfigureAwait(false))?.Require();

    /// <summary>Reads all subjects. A damaged subject is reported, and the others are still read.</summary>
    /// <returns>The subjects and the errors; null if there is no such gallery.</returns>
    /// <exception cref="FaceDataException">The marker of the gallery is damaged.</exception>
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

    /// <summary>
    /// Adds faces to a subject, or makes the subject. A face that is enrolled already changes at most the time of its enrolment.
    /// </summary>
    /// <param name="subjectId">The subject's id.</param>
    /// <param name="faces">The faces, at least one. Each has <paramref name="sentAt"/> as the time of its enrolment.</param>
    /// <param name="sentAt">The time at which the job was sent, by the storage clock.</param>
    /// <param name="cancellation">Cancels the operation. The change may have been made by then.</param>
    /// <returns>The subject after the change.</returns>
    /// <exception cref="FaceDataException">
    /// The id is not allowed, the record is damaged, the gallery has embeddings of other models, or the subject was deleted or replaced
    /// after the job was sent. Nothing has changed.
    /// </exception>
    /// <exception cref="IOException">Other writers kept changing the subject.</exception>
    public Task<SubjectRecord> AddAsync(
        string subjectId, IReadOnlyList<SubjectEmbedding> faces, DateTimeOffset sentAt, CancellationToken cancellation) =>
        EnrolAsync(
            subjectId,
            faces,
            sentAt,
            present => Task.FromResult(faces.Aggregate(present, (record, face) => SubjectRecord.Renew(record, subjectId, face))!),
            cancellation);

    /// <summary>
    /// Replaces the faces that a subject had when the job was sent, and removes the traces of those faces. Makes the subject if it is new.
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
                // The traces go first: the record names them, and without it nobody would find them.
                var departure = new SubjectDeparture(subjectId, sentAt, present, replaced, IsDeleted: false);
                foreach (ISubjectTraces traces in Traces)
                    await traces.ForgetAsync(departure, cancellation).ConfigureAwait(false);
                return replaced;
            },
            cancellation);

    /// <summary>
    /// Removes the faces of a subject that were sent up to a time, with all their traces: aligned faces, uploaded images, and pictures on
    /// the pages about retrainings. This works on a damaged record, too.
    /// </summary>
    /// <param name="subjectId">The subject's id.</param>
    /// <param name="sentAt">The time at which the job was sent, by the storage clock.</param>
    /// <param name="cancellation">Cancels the operation. A part of the subject may be removed by then.</param>
    /// <param name="intend">Gets a list of all that will be removed, before anything is; null for nobody.</param>
    /// <returns>The removed parts; nothing if there was no such subject.</returns>
    /// <exception cref="FaceDataException">The id is not allowed.</exception>
    /// <exception cref="IOException">Other writers kept changing the subject.</exception>
    public async Task<SubjectRemoval> DeleteAsync(
        string subjectId, DateTimeOffset sentAt, CancellationToken cancellation, Func<SubjectRemoval, Task>? intend = null)
    {
        _ = SubjectId.Require(subjectId);
        // An enrolment at the same time looks for the tombstone before its write and after it, so it sees this deletion.
        await _tombstones.SetAsync(subjectId, sentAt, cancellation).ConfigureAwait(false);
        SubjectRemoval removal = await RemoveAsync(subjectId, sentAt, intend, cancellation).ConfigureAwait(false);
        await StampAsync(cancellation).ConfigureAwait(false);
        return removal;
    }

    /// <summary>
    /// Keeps the aligned faces of embeddings, before the embeddings are enrolled. <see cref="ForgetUnusedAsync"/> removes those that are
    /// not enrolled after all.
    /// </summary>
    /// <exception cref="FaceDataException">
    /// The id is not allowed, there are too many faces of one second, or the pack of that second is damaged.
    /// </exception>
    public Task KeepAsync(string subjectId, IEnumerable<(SubjectEmbedding Face, RgbImage Aligned)> faces, CancellationToken cancellation) =>
        _crops.WriteAsync(SubjectId.Require(subjectId), faces, cancellation);

    /// <summary>
    /// Removes the aligned faces that a job kept but did not enrol, and the earlier copies of faces that the job enrolled again.
    /// </summary>
    /// <exception cref="FaceDataException">The subject's record is damaged. It may name the faces, so nothing was removed.</exception>
    public async Task ForgetUnusedAsync(string subjectId, DateTimeOffset sentAt, CancellationToken cancellation) =>
        await _crops.RemoveOfJobAsync(
            subjectId, sentAt, await FindAsync(subjectId, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);

    /// <summary>
    /// Checks that a subject was not deleted after a job was sent. If it was, removes all that the job wrote.
    /// </summary>
    /// <exception cref="FaceDataException">The subject was deleted after the job was sent.</exception>
    public async Task RequireNotDeletedAsync(string subjectId, DateTimeOffset sentAt, CancellationToken cancellation)
    {
        if (await _tombstones.FindAsync(subjectId, cancellation).ConfigureAwait(false) is not { } deletedAt || sentAt > deletedAt)
            return;
        // Removes what the deletion could not see, because this job, or an unfinished attempt at it, wrote it later.
        await RemoveAsync(subjectId, deletedAt, intend: null, cancellation).ConfigureAwait(false);
        await StampAsync(cancellation).ConfigureAwait(false);
        throw new FaceDataException("The subject was deleted after this job was sent; send it again.");
    }

    /// <summary>
    /// Adds faces that were enrolled in another place, each with its own time of enrolment. Faces that were deleted or replaced here after
    /// their time are left out. The stamp of the gallery is not renewed, so workers do not look at the gallery at once.
    /// </summary>
    /// <param name="subjectId">The subject's id.</param>
    /// <param name="faces">The faces, at least one, each with its aligned face; null if none is kept.</param>
    /// <param name="cancellation">Cancels the operation. The change may have been made by then.</param>
    /// <exception cref="FaceDataException">The id is not allowed, or the record is damaged.</exception>
    /// <exception cref="IOException">Other writers kept changing the subject.</exception>
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
            "A subject of the upload",
            time,
            async () =>
            {
                StoredSubject? read = await blob.TryReadSubjectAsync(cancellation).ConfigureAwait(false);
                SubjectRecord? present = read?.Require();
                isNew = present is null;
                SubjectEmbedding[] own = [.. later.Select(face => face.Face).Where(face => !(present?.ReplacedAt > face.EnrolledAt))];
                SubjectRecord? changed = own.Aggregate(present, (record, face) => SubjectRecord.Renew(record, subjectId, face));
                return changed is null || ReferenceEquals(changed, present)
                    || await blob.TryWriteAsync(changed, read?.Version, embedded: null, cancellation).ConfigureAwait(false) is not null
                    ? new TakenFaces(own.Length, faces.Count - own.Length)
                    : null;
            },
            cancellation).ConfigureAwait(false);
        // Some aligned faces may not be enrolled after all, or may be kept with an earlier time, too.
        if (!isNew && kept.Length > 0)
        {
            foreach (DateTimeOffset at in kept.Select(face => face.Face.EnrolledAt).Distinct())
                await ForgetUnusedAsync(subjectId, at, cancellation).ConfigureAwait(false);
        }

        // A deletion at the same time may not have seen the faces that were written.
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
            // The exception only says that faces were removed. The rest is counted below.
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
            throw new ArgumentException("The time of enrolment of each face must be the time at which the job was sent.", nameof(faces));
        BlobClient blob = BlobOf(subjectId);
        await _markers.RequireAsync(name, [faces[0].Source], cancellation).ConfigureAwait(false);
        await RequireNotDeletedAsync(subjectId, sentAt, cancellation).ConfigureAwait(false);
        SubjectRecord enrolled = await OptimisticConcurrency.RetryAsync(
            $"The subject of the job that was sent at {sentAt:O}",
            time,
            async () =>
            {
                StoredSubject? read = await blob.TryReadSubjectAsync(cancellation).ConfigureAwait(false);
                SubjectRecord? present = read?.Require();
                if (present?.ReplacedAt > sentAt)
                    throw new FaceDataException("The subject's faces were replaced after this job was sent; send it again.");
                SubjectRecord changed = await change(present).ConfigureAwait(false);
                return ReferenceEquals(changed, present)
                    || await blob.TryWriteAsync(changed, read?.Version, embedded: null, cancellation).ConfigureAwait(false) is not null
                    ? changed
                    : null;
            },
            cancellation).ConfigureAwait(false);
        await RequireNotDeletedAsync(subjectId, sentAt, cancellation).ConfigureAwait(false);
        // The stamp is renewed even if nothing changed: an earlier attempt may have stopped between its change and its stamp.
        await StampAsync(cancellation).ConfigureAwait(false);
        return enrolled;
    }

    /// <summary>All traces of subjects outside their records.</summary>
    internal IReadOnlyList<ISubjectTraces> Traces => [_crops, _pages, _pictures];

    private Task<SubjectRemoval> RemoveAsync(
        string subjectId, DateTimeOffset until, Func<SubjectRemoval, Task>? intend, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(subjectId);
        Dictionary<SubjectTrace, int> forgotten = [];
        return OptimisticConcurrency.RetryAsync(
            $"The subject of the deletion that was sent at {until:O}",
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

                // The traces go first: the record names them, and without it nobody would find them. They go even if there is no record,
                // because an unfinished enrolment may have kept faces.
                foreach (ISubjectTraces traces in Traces)
                {
                    forgotten[traces.Kind] = forgotten.GetValueOrDefault(traces.Kind)
                        + await traces.ForgetAsync(departure, cancellation).ConfigureAwait(false);
                }

                bool isDone = isRecordLeft
                    || (rest is null
                        ? await blob.TryDeleteAsync(read!.Version, cancellation).ConfigureAwait(false)
                        : await blob.TryWriteAsync(rest, read!.Version, embedded: null, cancellation).ConfigureAwait(false) is not null);
                if (!isRecordLeft)
                    present?.Overwrite();
                return isDone ? removal.With(forgotten) : null;
            },
            cancellation);
    }

    /// <summary>
    /// Whether a source is the latest of the gallery. If not, faces with embeddings of this source need embeddings of the latest, too.
    /// </summary>
    public async Task<bool> IsLatestAsync(EmbeddingSource source, CancellationToken cancellation) =>
        (await _markers.FindAsync(name, cancellation).ConfigureAwait(false))?.IsLatest(source) ?? true;

    /// <summary>Renews the stamp, so that running workers look at the gallery.</summary>
    internal async Task StampAsync(CancellationToken cancellation)
    {
        var stamp = new BinaryData(GalleryJson.Write(new GalleryStamp { ChangedAt = time.GetUtcNow() }));
        await _galleries.GetBlobClient(StorageNames.GalleryStamp(
            name)).UploadAsync(stamp, overwrite: true, cancellation).ConfigureAwait(false);
    }

    private BlobClient BlobOf(string subjectId) => _galleries.GetBlobClient(StorageNames.Subject(name, SubjectId.Require(subjectId)));
}

/// <summary>
/// The time of the last deletion of each subject. With it, a job that was sent before the deletion cannot bring the subject back.
/// </summary>
internal sealed class Tombstones(StorageAccount account, string gallery, TimeProvider time)
{
    /// <summary>Writes the tombstone of a deletion, unless there is one of a later deletion.</summary>
    public Task SetAsync(string subjectId, DateTimeOffset deletedAt, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(subjectId);
        return OptimisticConcurrency.RetryAsync(
            $"The tombstone of the deletion that was sent at {deletedAt:O}",
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

    /// <summary>The time at which the last deletion of a subject was sent.</summary>
    /// <returns>The time; null if the subject was never deleted.</returns>
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
