using System.Collections.Concurrent;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>
/// Takes the subjects of a gallery in a folder into one in storage, with all embeddings, the aligned faces that were kept, where they come
/// from and when they were enrolled. A subject that is there already is added to. It may be done again, and cut off: each subject is taken
/// over whole or not at all.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="time">The time.</param>
/// <param name="elsewhere">What others keep of subjects: each forgets a subject that was deleted in the service meanwhile.</param>
public sealed class GalleryUpload(StorageAccount account, TimeProvider time, params IReadOnlyList<ISubjectTraces> elsewhere)
{
    private const int Uploads = 8;

    /// <summary>Uploads subjects.</summary>
    /// <param name="folder">The gallery in the folder.</param>
    /// <param name="subjects">Its subjects, or some of them.</param>
    /// <param name="gallery">Name of the gallery in storage; it is made where there is none.</param>
    /// <param name="progress">Is told how many subjects are done; null for nobody.</param>
    /// <param name="cancellation">Stops; who is uploaded stays so.</param>
    /// <exception cref="FaceDataException">
    /// The name is not allowed, the subjects of the folder are not embedded by one source, or the gallery in storage does not take it.
    /// </exception>
    public async Task<GalleryUploadReport> RunAsync(
        FolderGallery folder, IReadOnlyCollection<SubjectRecord> subjects, string gallery, Action<int>? progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(subjects);
        if (GalleryName.FaultOf(gallery) is { } fault)
            throw new FaceDataException($"The gallery's name {fault}. {GalleryName.Rule}");
        if (folder.ReadRules().Sources is not { Count: > 0 } sources)
            throw new FaceDataException("The subjects of the folder are not embedded by the same models: re-embed it first.");
        GalleryRules rules = await new GalleryMarkers(account, time).RequireAsync(
            gallery, sources, cancellation, "re-embed the folder first, by the recogniser of that gallery").ConfigureAwait(false);
        IReadOnlyList<EmbeddingSource> searched = rules.Sources ?? sources;
        var stored = new BlobGallery(account, gallery, time, elsewhere);
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
                            + "anew with `ipunet enrol --replace`");
                    TakenFaces taken = await UploadAsync(folder, subject, stored, now, stop).ConfigureAwait(false);
                    if (taken.LeftOut > 0)
                        left.Add(new LeftSubject(
                            subject.SubjectId,
                            $"{taken.LeftOut} of {subject.Embeddings.Count} embeddings were deleted or replaced in the service after they "
                            + "were enrolled in the folder, and are not brought back: enrol the subject anew, and upload it then"));
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

        // Also where nothing changed: an earlier upload may have ended before this.
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

    // Changes count by the clock of storage, which counts in seconds. A time that is still to come would outlive the next deletion, and so
    // would a part of a second.
    private static SubjectEmbedding FaceOf(SubjectEmbedding face, DateTimeOffset now)
    {
        var second = new DateTimeOffset(face.EnrolledAt.UtcTicks - face.EnrolledAt.UtcTicks % TimeSpan.TicksPerSecond, TimeSpan.Zero);
        string image = face.Provenance.Image;
        // What is named as a picture of the service's is another one here; deletions and re-embeddings must not take it for that.
        EnrolmentProvenance provenance = EnrolmentImage.Parse(image, out _) is null
            ? face.Provenance
            : face.Provenance with { Image = $"folder/{image}" };
        return new SubjectEmbedding(face.Source, face.Vector, provenance, second < now ? second : now);
    }
}

/// <summary>What an upload of a gallery did.</summary>
/// <param name="Subjects">Subjects that are in storage now.</param>
/// <param name="Faces">Embeddings of theirs that are.</param>
/// <param name="LeftOut">Subjects that are not in storage, or not with all their faces, and why.</param>
/// <param name="IsBehind">
/// Whether subjects are not embedded by the latest source of the gallery in storage, so that it has to be re-embedded.
/// </param>
public sealed record GalleryUploadReport(int Subjects, int Faces, IReadOnlyList<LeftSubject> LeftOut, bool IsBehind);

/// <summary>What became of faces that were enrolled elsewhere.</summary>
/// <param name="Taken">Embeddings that the subject has now.</param>
/// <param name="LeftOut">Embeddings that were deleted or replaced after they were enrolled.</param>
internal sealed record TakenFaces(int Taken, int LeftOut);
