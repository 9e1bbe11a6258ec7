using System.Collections.Concurrent;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Reports;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>
/// Uploads the subjects of a gallery in a folder to a gallery in storage, with their embeddings, kept aligned faces, origins and times of
/// enrolment. If a subject is there already, its faces are added. An upload can be stopped and repeated: each subject is uploaded whole or
/// not at all.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="time">The clock.</param>
public sealed class GalleryUpload(StorageAccount account, TimeProvider time)
{
    private const int Uploads = 8;

    /// <summary>Uploads subjects.</summary>
    /// <param name="folder">The gallery in the folder.</param>
    /// <param name="subjects">The subjects of the folder to upload.</param>
    /// <param name="gallery">Name of the gallery in storage. It is made if it is missing.</param>
    /// <param name="progress">Gets the number of subjects that are done; null for nobody.</param>
    /// <param name="cancellation">Stops the upload. Uploaded subjects stay in storage.</param>
    /// <exception cref="FaceDataException">
    /// The name is not allowed, the subjects of the folder do not share a source, or the gallery in storage does not take their source.
    /// </exception>
    public async Task<GalleryUploadReport> RunAsync(
        FolderGallery folder, IReadOnlyCollection<SubjectRecord> subjects, string gallery, Action<int>? progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(subjects);
        GalleryName.Require(gallery);
        if (folder.ReadRules().Sources is not { Count: > 0 } sources)
            throw new FaceDataException("The subjects of the folder are not all embedded by the same models: re-embed the folder first.");
        GalleryRules rules = await new GalleryMarkers(account, time).RequireAsync(
            gallery, sources, cancellation, "re-embed the folder first, by the recogniser of that gallery").ConfigureAwait(false);
        IReadOnlyList<EmbeddingSource> searched = rules.Sources ?? sources;
        var stored = new BlobGallery(account, gallery, time);
        DateTimeOffset now = await account.NowAsync(cancellation).ConfigureAwait(false);
        var left = new ConcurrentBag<LeftSubject>();
        int done = 0, uploaded = 0, faces = 0, older = 0;
        try
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = Uploads, CancellationToken = cancellation };
            await Parallel.ForEachAsync(subjects, options, async (subject, stop) =>
            {
                try
                {
                    EmbeddingSource[] complete = [.. subject.CompleteSources];
                    if (!complete.Intersect(searched).Any())
                        throw new FaceDataException(
                            $"not all faces are embedded by {string.Join(" or by ", searched)}: re-embed the folder, or enrol the subject "
                            + "again with `ipunet enrol --replace`");
                    TakenFaces taken = await UploadAsync(folder, subject, stored, now, stop).ConfigureAwait(false);
                    if (taken.LeftOut > 0)
                        left.Add(new LeftSubject(
                            subject.SubjectId,
                            "deleted or replaced in the service after the enrolment in the folder, so not uploaded: "
                            + $"{Counted.Of(taken.LeftOut, subject.Embeddings.Count, "embedding")}. Enrol the subject again, and "
                            + "then upload it"));
                    if (taken.Taken > 0)
                    {
                        Interlocked.Increment(ref uploaded);
                        Interlocked.Add(ref faces, taken.Taken);
                        if (!complete.Contains(searched[^1]))
                            Interlocked.Increment(ref older);
                    }
                }
                catch (FaceDataException refusal)
                {
                    left.Add(new LeftSubject(subject.SubjectId, refusal.Message));
                }

                progress?.Invoke(Interlocked.Increment(ref done));
            }).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (uploaded > 0)
        {
            await stored.StampAsync(CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        // The stamp is renewed even if nothing changed: an earlier upload may have stopped between its changes and its stamp.
        await stored.StampAsync(cancellation).ConfigureAwait(false);
        return new GalleryUploadReport(
            uploaded, faces, [.. left.OrderBy(subject => subject.SubjectId, StringComparer.Ordinal)], IsBehind: older > 0);
    }

    private static Task<TakenFaces> UploadAsync(
        FolderGallery folder, SubjectRecord subject, BlobGallery stored, DateTimeOffset now, CancellationToken cancellation)
    {
        IReadOnlyDictionary<SubjectEmbedding, RgbImage> kept = folder.FindFaces(subject.SubjectId, subject.Embeddings);
        return stored.TakeOverAsync(
            subject.SubjectId,
            [.. subject.Embeddings.Select(face => (FaceOf(face, now), kept.GetValueOrDefault(face)))],
            cancellation);
    }

    // Changes are ordered by the storage clock, which counts in seconds. A face with a time in the future, or with a fraction of a
    // second, could survive the next deletion.
    private static SubjectEmbedding FaceOf(SubjectEmbedding face, DateTimeOffset now)
    {
        var second = new DateTimeOffset(face.EnrolledAt.UtcTicks - face.EnrolledAt.UtcTicks % TimeSpan.TicksPerSecond, TimeSpan.Zero);
        string image = face.Provenance.Image;
        // An image of the folder can have the name of an image in storage. Deletions and re-embeddings must not confuse the two.
        EnrolmentProvenance provenance = EnrolmentImage.Parse(image, out _) is null
            ? face.Provenance
            : face.Provenance with { Image = $"folder/{image}" };
        return new SubjectEmbedding(face.Source, face.Vector, provenance, second < now ? second : now);
    }
}

/// <summary>The outcome of an upload of a gallery.</summary>
/// <param name="Subjects">Number of subjects that are in storage now.</param>
/// <param name="Faces">Number of embeddings of these subjects that are in storage now.</param>
/// <param name="LeftOut">The subjects that are not in storage, or not with all their embeddings, each with the reason.</param>
/// <param name="IsBehind">
/// Whether some subjects lack embeddings of the latest source of the gallery in storage. If so, re-embed that gallery.
/// </param>
public sealed record GalleryUploadReport(int Subjects, int Faces, IReadOnlyList<LeftSubject> LeftOut, bool IsBehind);

/// <summary>The outcome of <see cref="BlobGallery.TakeOverAsync"/>.</summary>
/// <param name="Taken">Number of embeddings that the subject has now.</param>
/// <param name="LeftOut">Number of embeddings that are left out, because they were deleted or replaced after their enrolment.</param>
internal sealed record TakenFaces(int Taken, int LeftOut);
