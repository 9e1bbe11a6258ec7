using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>The markers of the galleries in storage. A marker makes a folder a gallery, and holds its rules.</summary>
internal sealed class GalleryMarkers(StorageAccount account, TimeProvider time)
{
    /// <summary>The way out if a gallery has embeddings of other sources, as the end of a sentence.</summary>
    public const string Remedy = "re-embed it with `ipunet gallery reembed`";

    private readonly BlobContainerClient _galleries = account.Container(StorageNames.Galleries);

    /// <summary>Names of all galleries.</summary>
    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellation)
    {
        List<string> names = [];
        var options = new GetBlobsByHierarchyOptions { Delimiter = "/" };
        await foreach (BlobHierarchyItem item in _galleries.GetBlobsByHierarchyAsync(options, cancellation).ConfigureAwait(false))
        {
            if (item.IsPrefix && GalleryName.FaultOf(item.Prefix[..^1]) is null)
                names.Add(item.Prefix[..^1]);
        }

        return names;
    }

    /// <summary>Reads the rules of a gallery.</summary>
    /// <returns>The rules; null if there is no such gallery.</returns>
    /// <exception cref="FaceDataException">The marker is damaged.</exception>
    public async Task<GalleryRules?> FindAsync(string gallery, CancellationToken cancellation) =>
        (await ReadAsync(gallery, cancellation).ConfigureAwait(false))?.Rules;

    /// <summary>Makes a gallery if it is missing, and checks that it takes embeddings of at least one source.</summary>
    /// <param name="gallery">Name of the gallery.</param>
    /// <param name="sources">
    /// The sources that embedded the subjects to be enrolled, latest last. The gallery must take one of them. A new gallery takes all.
    /// </param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <param name="remedy">The way out if the gallery takes none of the sources, as the end of a sentence.</param>
    /// <returns>The rules of the gallery.</returns>
    /// <exception cref="FaceDataException">The gallery has embeddings of other sources only, or its marker is damaged.</exception>
    public Task<GalleryRules> RequireAsync(
        string gallery, IReadOnlyList<EmbeddingSource> sources, CancellationToken cancellation,
        string remedy = Remedy) => OptimisticConcurrency.RetryAsync(
        $"The marker of gallery {gallery}",
        time,
        async () =>
        {
            var read = await ReadAsync(gallery, cancellation).ConfigureAwait(false);
            if (read is { Rules: var named } && sources.Any(named.Names))
                return named;
            GalleryRules next;
            if (read is { Rules: var rules })
            {
                IReadOnlyList<EmbeddingSource>? first = await FirstSourcesAsync(gallery, cancellation).ConfigureAwait(false);
                next = sources.Reverse().Select(source => rules.Taking(source, first)).FirstOrDefault(taking => taking is not null)
                    ?? throw rules.RefusalOf($"The gallery '{gallery}'", sources[^1], remedy);
                if (ReferenceEquals(next, rules))
                    return next;
            }
            else
            {
                next = new GalleryRules { CreatedAt = time.GetUtcNow(), Sources = sources };
            }

            return await BlobOf(gallery).TryReplaceAsync(
                next.ToJson(), read?.Version, cancellation).ConfigureAwait(false) is null ? null : next;
        },
        cancellation);

    /// <summary>Whether a gallery can be searched with embeddings of a source. A missing or empty gallery can.</summary>
    /// <exception cref="FaceDataException">The marker is damaged.</exception>
    public async Task<bool> IsReadyAsync(string gallery, EmbeddingSource source, CancellationToken cancellation) =>
        await FindAsync(gallery, cancellation).ConfigureAwait(false) is not { } rules
        || rules.Names(source)
        // Rules of earlier versions name no sources. All subjects of such a gallery have the same source, so the first one tells it.
        || rules.IsReadyFor(source, await FirstSourcesAsync(gallery, cancellation).ConfigureAwait(false));

    /// <summary>
    /// Notes that all subjects of a gallery have embeddings of a source. Subjects that were left behind on purpose do not count.
    /// </summary>
    /// <param name="gallery">Name of the gallery.</param>
    /// <param name="source">The source.</param>
    /// <param name="alone">Whether the embeddings of other sources were removed.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public Task AddAsync(
        string gallery, EmbeddingSource source, bool alone, CancellationToken cancellation) => OptimisticConcurrency.RetryAsync(
        $"The marker of gallery {gallery}",
        time,
        async () =>
        {
            var (rules, version) = await ReadAsync(
                gallery, cancellation).ConfigureAwait(false) ?? (new GalleryRules { CreatedAt = time.GetUtcNow() }, (ETag?)null);
            GalleryRules next = rules.AfterReembedding(
                source, alone, rules.Sources ?? await FirstSourcesAsync(gallery, cancellation).ConfigureAwait(false));
            return await BlobOf(gallery).TryReplaceAsync(
                next.ToJson(), version, cancellation).ConfigureAwait(false) is null ? null : next;
        },
        cancellation);

    // The sources of the first subject that can be read; null if there is none.
    private async Task<IReadOnlyList<EmbeddingSource>?> FirstSourcesAsync(string gallery, CancellationToken cancellation)
    {
        await foreach (
            BlobItem blob in _galleries.GetBlobsAsync(
                BlobTraits.None, BlobStates.None, StorageNames.Subjects(gallery), cancellation).ConfigureAwait(false))
        {
            // A damaged subject does not tell its sources, so the next one is read.
            if (SubjectBlobs.IsSubject(blob.Name)
                && await _galleries.GetBlobClient(blob.Name).TryReadSubjectAsync(cancellation)
                    .ConfigureAwait(false) is { Record: { } subject })
                return [.. subject.Embeddings.Select(face => face.Source).Distinct()];
        }

        return null;
    }

    private async Task<(GalleryRules Rules, ETag? Version)?> ReadAsync(string gallery, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(gallery);
        return await blob.TryReadAsync(cancellation).ConfigureAwait(false) is { } read
            ? (GalleryRules.FromJson(read.Content, $"{StorageNames.Galleries}/{blob.Name}"), read.Details.ETag)
            : null;
    }

    private BlobClient BlobOf(string gallery) => _galleries.GetBlobClient(StorageNames.Gallery(gallery));
}
