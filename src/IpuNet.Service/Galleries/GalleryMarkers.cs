using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces;
using IpuNet.Faces.Files;
using IpuNet.Faces.Gallery;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>What makes a folder of storage a gallery, and says by which models it can be searched.</summary>
internal sealed class GalleryMarkers(StorageAccount account, TimeProvider time)
{
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

    /// <summary>A gallery's marker.</summary>
    /// <returns>Null where there is no such gallery.</returns>
    /// <exception cref="FaceDataException">It is damaged.</exception>
    public async Task<GalleryMarker?> FindAsync(string gallery, CancellationToken cancellation) =>
        (await ReadAsync(gallery, cancellation).ConfigureAwait(false))?.Marker;

    /// <summary>Makes sure that there is a gallery of the name, and that it can take embeddings of a source.</summary>
    /// <exception cref="FaceDataException">It is embedded by others.</exception>
    public async Task RequireAsync(string gallery, EmbeddingSource source, CancellationToken cancellation)
    {
        var marker = new GalleryMarker { CreatedAt = time.GetUtcNow(), Sources = [source] };
        if (!await BlobOf(gallery).TryCreateAsync(GalleryJson.Write(marker), cancellation).ConfigureAwait(false)
            && !await IsReadyAsync(gallery, source, cancellation).ConfigureAwait(false))
            throw new FaceDataException($"The gallery '{gallery}' is not embedded by {source}: re-embed it with `ipunet gallery reembed`.");
    }

    /// <summary>Whether a gallery can be searched by what makes embeddings of a source; one that is not there, or empty, can.</summary>
    /// <exception cref="FaceDataException">The marker is damaged.</exception>
    public async Task<bool> IsReadyAsync(string gallery, EmbeddingSource source, CancellationToken cancellation)
    {
        if (await FindAsync(gallery, cancellation).ConfigureAwait(false) is not { } marker)
            return true;
        if (marker.Sources is { } sources && sources.Contains(source))
            return true;
        // Of a gallery from before markers named sources, all subjects are of one.
        return await FirstSourcesAsync(gallery, cancellation).ConfigureAwait(false) is not { } first || (marker.Sources is null && first.Contains(source));
    }

    /// <summary>Notes that every subject of a gallery is embedded by a source, apart from those that are left behind knowingly.</summary>
    /// <param name="gallery">The gallery.</param>
    /// <param name="source">The source.</param>
    /// <param name="alone">Whether embeddings by other sources are no longer there.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task AddAsync(string gallery, EmbeddingSource source, bool alone, CancellationToken cancellation) => Contention.RepeatAsync(
        $"The marker of gallery {gallery}",
        time,
        async () =>
        {
            var (marker, version) = await ReadAsync(gallery, cancellation).ConfigureAwait(false) ?? (new GalleryMarker { CreatedAt = time.GetUtcNow() }, (ETag?)null);
            IEnumerable<EmbeddingSource> former = alone ? [] : marker.Sources ?? await FirstSourcesAsync(gallery, cancellation).ConfigureAwait(false) ?? [];
            GalleryMarker next = marker with { Sources = [.. former.Where(other => other != source), source] };
            return await BlobOf(gallery).TryReplaceAsync(GalleryJson.Write(next), version, cancellation).ConfigureAwait(false) is null ? null : next;
        },
        cancellation);

    // Null where there is no subject that can be read.
    private async Task<IReadOnlyList<EmbeddingSource>?> FirstSourcesAsync(string gallery, CancellationToken cancellation)
    {
        await foreach (BlobItem blob in _galleries.GetBlobsAsync(BlobTraits.None, BlobStates.None, StorageNames.Subjects(gallery), cancellation).ConfigureAwait(false))
        {
            // A damaged subject says nothing; the next may.
            if (SubjectBlobs.IsSubject(blob.Name)
                && await _galleries.GetBlobClient(blob.Name).TryReadSubjectAsync(cancellation).ConfigureAwait(false) is { Record: { } subject })
                return [.. subject.Embeddings.Select(face => face.Source).Distinct()];
        }

        return null;
    }

    private async Task<(GalleryMarker Marker, ETag? Version)?> ReadAsync(string gallery, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(gallery);
        if (await blob.TryReadAsync(cancellation).ConfigureAwait(false) is not { } read)
            return null;
        try
        {
            return (StrictJson.Read(read.Content, GalleryJson.Default.GalleryMarker) ?? throw new JsonException("It is null."), read.Details.ETag);
        }
        catch (JsonException error)
        {
            throw new FaceDataException($"{StorageNames.Galleries}/{blob.Name} is damaged: {error.Message} Write {{\"schema\":1}} into it.", error);
        }
    }

    private BlobClient BlobOf(string gallery) => _galleries.GetBlobClient(StorageNames.Gallery(gallery));
}
