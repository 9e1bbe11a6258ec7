using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reembedding;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Reembedding;

/// <summary>
/// Embeds a gallery with another recogniser, while searches go on with the present one. The record of a subject holds its new embeddings
/// beside the old ones. So a change or a deletion reaches both, and a stopped run loses nothing. When all subjects have the new embeddings,
/// the marker of the gallery names the new source. From then on, the gallery can be searched with the new recogniser.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="models">The new models. The caller disposes of them.</param>
/// <param name="options">The limits for images.</param>
/// <param name="time">The clock.</param>
public sealed class GalleryReembedding(StorageAccount account, PipelineModels models, EnrolmentOptions options, TimeProvider time)
{
    private readonly GalleryMarkers _markers = new(account, time);

    /// <summary>Re-embeds a gallery. Subjects that an earlier run did are not done again.</summary>
    /// <param name="gallery">Name of the gallery.</param>
    /// <param name="request">The options of the run.</param>
    /// <param name="progress">Gets the progress after each subject; null for nobody.</param>
    /// <param name="cancellation">Stops the run. Subjects that are done stay done.</param>
    /// <exception cref="FaceDataException">
    /// The name is not allowed, there is no such gallery, or its marker is damaged.
    /// </exception>
    public async Task<ReembeddingReport> RunAsync(
        string gallery, ReembeddingRequest request, Func<ReembeddingProgress, ValueTask>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        GalleryName.Require(gallery);
        if (await _markers.FindAsync(gallery, cancellation).ConfigureAwait(false) is null)
            throw new FaceDataException($"There is no gallery '{gallery}'.");
        return await ReembeddingRun.RunAsync(
            new StoredSubjects(account, gallery, models, options, request, time), models, request, progress,
            cancellation).ConfigureAwait(false);
    }
}

/// <summary>The subjects of a gallery in storage, for a re-embedding.</summary>
internal sealed class StoredSubjects(
    StorageAccount account, string gallery, PipelineModels models, EnrolmentOptions options, ReembeddingRequest request, TimeProvider time)
    : IReembeddedGallery
{
    private const int ListedAtOnce = 1000;

    private readonly BlobContainerClient _galleries = account.Container(StorageNames.Galleries);
    private readonly SubjectCrops _crops = new(account, gallery, time);
    private readonly EnrolledPictures _pictures = new(account, models, options);

    public string Name => gallery;

    public async IAsyncEnumerable<IReadOnlyList<ListedSubject>> ListAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var pages = _galleries.GetBlobsAsync(
            BlobTraits.Metadata, BlobStates.None, StorageNames.Subjects(gallery), cancellation).AsPages(pageSizeHint: ListedAtOnce);
        await foreach (Page<BlobItem> page in pages.ConfigureAwait(false))
            yield return [.. page.Values.Where(blob => SubjectBlobs.IsSubject(blob.Name)).Select(Listed)];
    }

    public async Task<ReadSubject?> ReadAsync(string subjectId, CancellationToken cancellation) =>
        await BlobOf(subjectId).TryReadSubjectAsync(cancellation).ConfigureAwait(false) is { } read
            ? new ReadSubject(read.Version.Text(), read.Record, read.Damage)
            : null;

    public Task<IReadOnlyDictionary<SubjectEmbedding, RgbImage>> FindFacesAsync(
        string subjectId, IEnumerable<SubjectEmbedding> faces, CancellationToken cancellation) =>
        _crops.FindAsync(subjectId, faces, cancellation);

    public Task<(SubjectEmbedding? Made, string? Fault)> EmbedOtherwiseAsync(SubjectEmbedding face, CancellationToken cancellation) =>
        _pictures.EmbedAsync(face, cancellation);

    public async Task<string?> TryWriteAsync(ReembeddedSubject subject, SubjectRecord record, int faces, CancellationToken cancellation)
    {
        JobFaces? counted = request.Job is { } job ? new(job, faces) : null;
        ETag? written = await BlobOf(subject.Record.SubjectId).TryWriteAsync(
            record, new ETag(subject.Version), counted, cancellation).ConfigureAwait(false);
        return written?.Text();
    }

    public async Task NoteAsync(EmbeddingSource source, bool alone, CancellationToken cancellation)
    {
        await new GalleryMarkers(account, time).AddAsync(gallery, source, alone, cancellation).ConfigureAwait(false);
        await new BlobGallery(account, gallery, time).StampAsync(cancellation).ConfigureAwait(false);
    }

    private ListedSubject Listed(BlobItem blob) => new(
        SubjectBlobs.IdOf(blob.Name),
        (blob.Properties.ETag ?? default).Text(),
        request.ForgetOthers
            ? SubjectBlobs.IsOfOnly(blob.Metadata, models.Source)
            : SubjectBlobs.IsComplete(blob.Metadata, models.Source),
        request.Job is { } job ? SubjectBlobs.FacesOf(job, blob.Metadata) : 0);

    private BlobClient BlobOf(string subjectId) => _galleries.GetBlobClient(StorageNames.Subject(gallery, subjectId));
}
