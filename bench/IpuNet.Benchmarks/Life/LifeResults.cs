using System.Collections.Concurrent;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Storage;

namespace IpuNet.Benchmarks.Life;

/// <summary>A result as it is in storage.</summary>
/// <param name="Name">The upload: {batch}/{file}.</param>
/// <param name="Written">When it was written, by the clock of storage, in whole seconds.</param>
/// <param name="Answer">What it says.</param>
internal sealed record LifeResult(string Name, DateTimeOffset Written, ImageAnswer Answer)
{
    public string Enhancer => Answer.Models?.Enhancer ?? "none";
}

/// <summary>Reads the results of a load.</summary>
internal static class LifeResults
{
    private const int ReadsAtOnce = 16;
    private const string Json = ".json";
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits until each upload has its result and no message is left, or nothing happens any more.</summary>
    public static async Task AwaitAsync(StorageAccount account, string batch, int uploads, CancellationToken cancellation)
    {
        int before = -1;
        DateTime last = DateTime.UtcNow;
        while (DateTime.UtcNow - last < Patience)
        {
            // A list of all results costs storage as much as many results: it is asked for when no message is left.
            int messages = await account.CountMessagesAsync(StorageNames.FaceBatches, cancellation);
            if (messages == 0 && (await ListAsync(account, batch, cancellation)).Count >= uploads)
                return;
            if (messages != before)
                (before, last) = (messages, DateTime.UtcNow);
            await Task.Delay(Look, cancellation);
        }
    }

    /// <summary>All results of batches whose names begin so.</summary>
    public static async Task<IReadOnlyList<LifeResult>> ReadAsync(StorageAccount account, string batch, CancellationToken cancellation)
    {
        BlobContainerClient container = account.Container(StorageNames.Results);
        var results = new ConcurrentBag<LifeResult>();
        await Parallel.ForEachAsync(
            await ListAsync(account, batch, cancellation),
            new ParallelOptions { MaxDegreeOfParallelism = ReadsAtOnce, CancellationToken = cancellation },
            async (name, stop) =>
            {
                BlobDownloadResult blob = await container.GetBlobClient(name).DownloadContentAsync(stop);
                results.Add(new LifeResult(name[..^Json.Length], blob.Details.LastModified, ImageAnswer.FromJson(blob.Content, name)));
            });
        return [.. results.OrderBy(result => result.Name, StringComparer.Ordinal)];
    }

    private static async Task<IReadOnlyList<string>> ListAsync(StorageAccount account, string batch, CancellationToken cancellation) =>
        await account.Container(StorageNames.Results).GetBlobsAsync(new GetBlobsOptions { Prefix = $"{batch}-" }, cancellation)
            .Select(blob => blob.Name)
            .Where(name => name.EndsWith(".png" + Json, StringComparison.Ordinal))
            .ToListAsync(cancellation);
}
