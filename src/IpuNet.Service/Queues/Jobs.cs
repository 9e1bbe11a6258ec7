using Azure.Storage.Blobs;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Queues;

/// <summary>The service's queues, as a command sends to them, and its answers.</summary>
public static class Jobs
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>A queue to send to, or to read from one message at a time.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="name">One of <see cref="StorageNames.Queues"/>.</param>
    public static JobQueue Queue(StorageAccount account, string name) =>
        new(account, name, new PoisonLog(account), Microsoft.Extensions.Options.Options.Create(new QueueOptions()), TimeProvider.System);

    /// <summary>Waits for the answer to a job.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="name">The answer's name in <see cref="StorageNames.Results"/>.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<BinaryData> AnswerAsync(StorageAccount account, string name, CancellationToken cancellation)
    {
        BlobClient blob = account.Container(StorageNames.Results).GetBlobClient(name);
        while (!await blob.ExistsAsync(cancellation))
            await Task.Delay(Pause, cancellation);
        return (await blob.DownloadContentAsync(cancellation)).Value.Content;
    }
}
