using System.Collections.Concurrent;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace IpuNet.Service.Galleries;

/// <summary>
/// Galleries in memory, for searches. The subjects in storage are the truth. While a gallery is in use, its stamp is read every second and
/// its subjects are listed every half minute. Changed subjects are then fetched. Thread-safe.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets warnings about damaged subjects; null for nobody.</param>
public sealed class GalleryCache(StorageAccount account, TimeProvider time, ILogger<GalleryCache>? logger = null) : IDisposable
{
    private readonly ConcurrentDictionary<(string Name, EmbeddingSource Source), MemoryGallery> _galleries = new();
    private readonly GalleryMarkers _markers = new(account, time);
    private readonly DeletedMemory _memory = new(time);
    private readonly ILogger _logger = logger ?? NullLogger<GalleryCache>.Instance;

    /// <summary>Gets a gallery, in a state that is at most a second or two old.</summary>
    /// <param name="gallery">Name of the gallery.</param>
    /// <param name="source">The source of the queries.</param>
    /// <param name="dimensions">Number of dimensions of an embedding.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The gallery; null if it does not exist.</returns>
    /// <exception cref="FaceDataException">The gallery has embeddings of other sources only, or its marker is damaged.</exception>
    public Task<GalleryIndex?> GetAsync(string gallery, EmbeddingSource source, int dimensions, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(source);
        return _galleries.GetOrAdd((gallery, source), _ => new MemoryGallery(account, gallery, source, dimensions, time, _memory, _logger))
            .GetAsync(isUse: true, cancellation);
    }

    /// <summary>Removes deleted subjects from memory.</summary>
    internal DeletedMemory Memory => _memory;

    /// <summary>Names of all galleries in storage.</summary>
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellation) => _markers.ListAsync(cancellation);

    /// <summary>
    /// For each gallery in memory, the number of subjects without an embedding of a source. A search does not find them. Galleries without
    /// such subjects are left out.
    /// </summary>
    public IReadOnlyDictionary<string, int> Unsearchable(EmbeddingSource source) => Held(source, gallery => gallery.Unsearchable);

    /// <summary>
    /// For each gallery in memory, the number of damaged subjects. A search does not find them. Galleries without such subjects are left
    /// out.
    /// </summary>
    public IReadOnlyDictionary<string, int> Damaged(EmbeddingSource source) => Held(source, gallery => gallery.Damaged);

    private Dictionary<string, int> Held(EmbeddingSource source, Func<MemoryGallery, int> count) => _galleries
        .Where(gallery => gallery.Key.Source == source && gallery.Value.IsHeld && count(gallery.Value) > 0)
        .ToDictionary(gallery => gallery.Key.Name, gallery => count(gallery.Value));

    /// <summary>The names of all galleries that cannot be searched with embeddings of a source.</summary>
    /// <exception cref="FaceDataException">The marker of a gallery is damaged.</exception>
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

    /// <summary>
    /// Loads the embeddings of another source for all galleries in memory. Searches go on with the present source meanwhile.
    /// </summary>
    /// <exception cref="FaceDataException">A gallery does not have embeddings of the source.</exception>
    public async Task WarmAsync(EmbeddingSource source, int dimensions, CancellationToken cancellation)
    {
        foreach (string gallery in _galleries.Where(held => held.Value.IsHeld).Select(held => held.Key.Name).Distinct().ToArray())
            await GetAsync(gallery, source, dimensions, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Brings the galleries in memory up to date, even those that nobody searches. So deleted subjects do not stay in memory.
    /// </summary>
    /// <param name="cancellation">Cancels the operation.</param>
    public async Task RenewAsync(CancellationToken cancellation)
    {
        foreach (var (key, gallery) in _galleries.Where(gallery => gallery.Value.IsHeld))
        {
            try
            {
                // If searches have moved on to the embeddings of other models, the old ones can go.
                if (_galleries.Any(other => other.Key.Name == key.Name && other.Key.Source != key.Source && gallery.IsLeftFor(other.Value)))
                    gallery.Forget();
                else
                    await gallery.GetAsync(isUse: false, cancellation).ConfigureAwait(false);
            }
            catch (FaceDataException)
            {
                // The next search of the gallery reports this error.
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MemoryGallery gallery in _galleries.Values)
            gallery.Dispose();
    }
}
