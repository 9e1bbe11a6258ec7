using System.Collections.Concurrent;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Storage;

namespace IpuNet.Benchmarks.Life;

/// <summary>A result in storage.</summary>
/// <param name="Name">The upload: {batch}/{file}.</param>
/// <param name="Written">Time of writing by the storage clock, whole seconds.</param>
/// <param name="Answer">The content.</param>
internal sealed record LifeResult(string Name, DateTimeOffset Written, ImageAnswer Answer)
{
    public string Enhancer => Answer.Models?.Enhancer ?? "none";
}

/// <summary>Reads the results of a load.</summary>
internal static class LifeResults
{
    private const int ReadsAtOnce = 16;
    private const string Json = ".json";
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1), Patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits until every upload has a result and no message is left, or until the queue stops changing.</summary>
    public static async Task AwaitAsync(StorageAccount account, string batch, int uploads, CancellationToken cancellation)
    {
        int before = -1;
        DateTime last = DateTime.UtcNow;
        while (DateTime.UtcNow - last < Patience)
        {
            // A list of all results is expensive, so it is read only when no message is left.
            int messages = await account.CountMessagesAsync(StorageNames.FaceBatches, cancellation);
            if (messages == 0 && (await ListAsync(account, batch, cancellation)).Count >= uploads)
                return;
            if (messages != before)
                (before, last) = (messages, DateTime.UtcNow);
            await Task.Delay(PollInterval, cancellation);
        }
    }

    /// <summary>Reads the results of all batches whose names begin with a text.</summary>
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
