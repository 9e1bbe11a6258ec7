using System.Collections.Concurrent;
using IpuNet.Faces;
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
    private readonly ConcurrentDictionary<string, CachedGallery> _galleries = new(StringComparer.Ordinal);
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
        return _galleries.GetOrAdd(gallery, name => new CachedGallery(account.Container(StorageNames.Galleries), name, source, dimensions, time, _logger))
            .GetAsync(cancellation);
    }

    /// <summary>
    /// Brings the galleries that are in memory up to date, whether anybody searches them or not: what was deleted does not stay there.
    /// </summary>
    /// <param name="cancellation">Gives up.</param>
    public async Task RenewAsync(CancellationToken cancellation)
    {
        foreach (CachedGallery gallery in _galleries.Values.Where(gallery => gallery.IsHeld))
        {
            try
            {
                await gallery.GetAsync(cancellation).ConfigureAwait(false);
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
