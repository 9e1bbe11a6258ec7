using Azure.Storage.Blobs.Models;
using IpuNet.Cli.Terminals;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;
using IpuNet.Service.Recognition;
using IpuNet.Service.Reports;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Cloud;

/// <summary>How far a batch is, by a listing of its uploads and one of its results.</summary>
/// <param name="Uploads">How many uploads it has, archives among them.</param>
/// <param name="Results">The results of those that have one.</param>
internal sealed record BatchProgress(int Uploads, IReadOnlyList<ResultMetadata> Results)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public bool IsComplete => Results.Count == Uploads;

    public bool AnyRefused => Results.Any(result => result.Status is ImageStatus.Rejected or ImageStatus.Failed);

    public static async Task<BatchProgress> ReadAsync(StorageAccount account, string batch, CancellationToken cancellation)
    {
        // Results first: an upload that comes meanwhile is then one that waits.
        var results = (await BatchListing.ReadAsync(account, batch, cancellation)).Entries.ToDictionary(entry => $"{batch}/{entry.File}", entry => entry.Result);
        int uploads = 0;
        List<ResultMetadata> done = [];
        await foreach (BlobItem blob in account.Container(StorageNames.Uploads).GetBlobsAsync(BlobTraits.None, BlobStates.None, $"{batch}/", cancellation))
        {
            uploads++;
            if (results.TryGetValue(blob.Name, out ResultMetadata? result) && result.IsOf(blob.Properties.ETag ?? default))
                done.Add(result);
        }

        return new BatchProgress(uploads, done);
    }

    /// <summary>Waits until each upload has its result, and shows how far it is.</summary>
    public static async Task<BatchProgress> WaitAsync(StorageAccount account, string batch, Terminal terminal, CancellationToken cancellation)
    {
        BatchProgress progress = await ReadAsync(account, batch, cancellation);
        return await ProgressDisplay.RunAsync(terminal, "results", progress.Uploads, async display =>
        {
            while (true)
            {
                display.Report(new ProgressCount(progress.Results.Count, progress.Uploads));
                if (progress.IsComplete)
                    return progress;
                await Task.Delay(Pause, cancellation);
                progress = await ReadAsync(account, batch, cancellation);
            }
        });
    }

    public ReportTable ToTable(string batch)
    {
        var table = new ReportTable($"Batch {batch}", new("Result"), new("Uploads", Numeric: true), new("Faces", Numeric: true), new("Known", Numeric: true));
        foreach (var status in Results.GroupBy(result => result.Status).OrderBy(group => group.Key))
            table.Add(ResultMetadata.NameOf(status.Key), $"{status.Count()}", $"{status.Sum(result => result.Faces)}", $"{status.Sum(result => result.Known)}");
        if (!IsComplete)
            table.Add("waiting", $"{Uploads - Results.Count}", "", "");
        return table;
    }
}
