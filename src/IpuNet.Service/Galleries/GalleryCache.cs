using System.Collections.Concurrent;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IpuNet.Service.Galleries;

/// <summary>
/// Galleries in memory, to be searched. A gallery's subjects in storage are the truth: when it is used, its stamp is looked at every second
/// and all its subjects every half minute, and what has changed is fetched. Safe for many threads.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="time">The time.</param>
/// <param name="logger">Is told of subjects that cannot be used; null for nobody.</param>
public sealed class GalleryCache(StorageAccount account, TimeProvider time, ILogger<GalleryCache>? logger = null) : IDisposable
{
    private readonly ConcurrentDictionary<(string Name, EmbeddingSource Source), CachedGallery> _galleries = new();
    private readonly GalleryMarkers _markers = new(account, time);
    private readonly DeletedMemory _memory = new(time);
    private readonly ILogger _logger = logger ?? NullLogger<GalleryCache>.Instance;

    /// <summary>A gallery, not older than a second or two.</summary>
    /// <param name="gallery">Its name.</param>
    /// <param name="source">The models that make the queries.</param>
    /// <param name="dimensions">Numbers in an embedding.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null where the gallery does not exist.</returns>
    /// <exception cref="FaceDataException">It was embedded by other models.</exception>
    public Task<GalleryIndex?> GetAsync(string gallery, EmbeddingSource source, int dimensions, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(source);
        return _galleries.GetOrAdd((gallery, source), _ => new CachedGallery(account, gallery, source, dimensions, time, _memory, _logger))
            .GetAsync(isUse: true, cancellation);
    }

    /// <summary>Where who was deleted is got out of memory.</summary>
    internal DeletedMemory Memory => _memory;

    /// <summary>Names of all galleries in storage.</summary>
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellation) => _markers.ListAsync(cancellation);

    /// <summary>Subjects of the galleries in memory that are not embedded by a source, and so are not found.</summary>
    public IReadOnlyDictionary<string, int> Unsearchable(EmbeddingSource source) => Held(source, gallery => gallery.Unsearchable);

    /// <summary>Damaged subjects of the galleries in memory, which are not found either.</summary>
    public IReadOnlyDictionary<string, int> Damaged(EmbeddingSource source) => Held(source, gallery => gallery.Damaged);

    private Dictionary<string, int> Held(EmbeddingSource source, Func<CachedGallery, int> count) => _galleries
        .Where(gallery => gallery.Key.Source == source && gallery.Value.IsHeld && count(gallery.Value) > 0)
        .ToDictionary(gallery => gallery.Key.Name, gallery => count(gallery.Value));

    /// <summary>The galleries that cannot be searched by what makes embeddings of a source.</summary>
    /// <exception cref="FaceDataException">A gallery's marker is damaged.</exception>
    public async Task<IReadOnlyList<string>> FindUnreadyAsync(EmbeddingSource source, CancellationToken cancellation)
    {
        List<string> unready = [];
        foreach (string gallery in await _markers.ListAsync(cancellation).ConfigureAwait(false))
        {
            if (!await _markers.IsReadyAsync(gallery, source, cancellation).ConfigureAwait(false))
                unready.Add(gallery);
        }

        return unready;
    }

    /// <summary>Brings the galleries that are in memory there as another source has embedded them, beside what is searched now.</summary>
    /// <exception cref="FaceDataException">A gallery is not embedded by it.</exception>
    public async Task WarmAsync(EmbeddingSource source, int dimensions, CancellationToken cancellation)
    {
        foreach (string gallery in _galleries.Where(held => held.Value.IsHeld).Select(held => held.Key.Name).Distinct().ToArray())
            await GetAsync(gallery, source, dimensions, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Brings the galleries that are in memory up to date, whether anybody searches them or not: what was deleted does not stay there.
    /// </summary>
    /// <param name="cancellation">Gives up.</param>
    public async Task RenewAsync(CancellationToken cancellation)
    {
        foreach (var (key, gallery) in _galleries.Where(gallery => gallery.Value.IsHeld))
        {
            try
            {
                // Of a gallery that is searched by other models by now, nothing more is asked.
                if (_galleries.Any(other => other.Key.Name == key.Name && other.Key.Source != key.Source && gallery.IsLeftFor(other.Value)))
                    gallery.Forget();
                else
                    await gallery.GetAsync(isUse: false, cancellation).ConfigureAwait(false);
            }
            catch (FaceDataException)
            {
                // Whoever searches it is told.
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (CachedGallery gallery in _galleries.Values)
            gallery.Dispose();
    }
}
