using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>The rules of the galleries in storage: what makes a folder a gallery there.</summary>
internal sealed class GalleryMarkers(StorageAccount account, TimeProvider time)
{
    /// <summary>What can be done about a gallery that is embedded by others, as the end of a sentence.</summary>
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

    /// <summary>A gallery's rules.</summary>
    /// <returns>Null where there is no such gallery.</returns>
    /// <exception cref="FaceDataException">They are damaged.</exception>
    public async Task<GalleryRules?> FindAsync(string gallery, CancellationToken cancellation) =>
        (await ReadAsync(gallery, cancellation).ConfigureAwait(false))?.Rules;

    /// <summary>Makes sure that there is a gallery of the name, and that it takes embeddings of a source.</summary>
    /// <param name="gallery">The gallery.</param>
    /// <param name="sources">
    /// By what the subjects to be enrolled are embedded, latest last: of these it takes one; a new gallery has them all.
    /// </param>
    /// <param name="cancellation">Gives up.</param>
    /// <param name="remedy">What can be done where it takes none, as the end of a sentence.</param>
    /// <returns>The rules of the gallery with the subjects.</returns>
    /// <exception cref="FaceDataException">It is embedded by others.</exception>
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

    /// <summary>Whether a gallery can be searched by what makes embeddings of a source; one that is not there, or empty, can.</summary>
    /// <exception cref="FaceDataException">The marker is damaged.</exception>
    public async Task<bool> IsReadyAsync(string gallery, EmbeddingSource source, CancellationToken cancellation) =>
        await FindAsync(gallery, cancellation).ConfigureAwait(false) is not { } rules
        || rules.Names(source)
        // Of a gallery from before rules named sources, all subjects are of one.
        || rules.IsReadyFor(source, await FirstSourcesAsync(gallery, cancellation).ConfigureAwait(false));

    /// <summary>Notes that every subject of a gallery is embedded by a source, apart from those that are left behind knowingly.</summary>
    /// <param name="gallery">The gallery.</param>
    /// <param name="source">The source.</param>
    /// <param name="alone">Whether embeddings by other sources are no longer there.</param>
    /// <param name="cancellation">Gives up.</param>
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

    // Null where there is no subject that can be read.
    private async Task<IReadOnlyList<EmbeddingSource>?> FirstSourcesAsync(string gallery, CancellationToken cancellation)
    {
        await foreach (
            BlobItem blob in _galleries.GetBlobsAsync(
                BlobTraits.None, BlobStates.None, StorageNames.Subjects(gallery), cancellation).ConfigureAwait(false))
        {
            // A damaged subject says nothing; the next may.
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
