using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Upkeep;

/// <summary>The batches that there are: the first folders.</summary>
internal static class Batches
{
    /// <summary>Those that some containers have, in order, each once.</summary>
    public static async Task<IReadOnlyCollection<string>> ListAsync(IEnumerable<BlobContainerClient> containers, CancellationToken cancellation)
    {
        var batches = new SortedSet<string>(StringComparer.Ordinal);
        foreach (BlobContainerClient container in containers)
        {
            var folders = new GetBlobsByHierarchyOptions { Delimiter = "/" };
            await foreach (BlobHierarchyItem item in container.GetBlobsByHierarchyAsync(folders, cancellation).ConfigureAwait(false))
            {
                if (item.IsPrefix)
                    batches.Add(item.Prefix.TrimEnd('/'));
            }
        }

        return [.. batches.Except(StorageNames.ReservedBatches)];
    }
}
