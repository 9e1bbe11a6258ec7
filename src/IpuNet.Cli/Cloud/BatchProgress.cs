using Azure.Storage.Blobs.Models;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;
using IpuNet.Service.Intake;
using IpuNet.Service.Queues;
using IpuNet.Service.Recognition;
using IpuNet.Service.Reports;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Cloud;

/// <summary>How far a batch is, by a listing of its uploads and one of its results.</summary>
/// <param name="Uploads">How many uploads it has, archives and what came out of them among them.</param>
/// <param name="Results">The results of those that have one.</param>
/// <param name="Poisoned">How many of the others are in poison, as far as was looked.</param>
internal sealed record BatchProgress(int Uploads, IReadOnlyList<ResultMetadata> Results, int Poisoned)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Whether nothing more comes by itself.</summary>
    public bool IsComplete => Results.Count + Poisoned == Uploads;

    public bool AnyRefused => Poisoned > 0 || Refusing.Count > 0;

    /// <summary>Uploads that were rejected or failed, and archives of which entries were refused, as {batch}/{file}.</summary>
    public IReadOnlyList<string> Refusing { get; private init; } = [];

    public static async Task<BatchProgress> ReadAsync(StorageAccount account, string batch, CancellationToken cancellation)
    {
        var (progress, waiting) = await ReadResultsAsync(account, batch, cancellation);
        if (waiting.Count == 0)
            return progress;
        var poisoned = await PoisonedUploads.ReadAsync(account, new PoisonLog(account), cancellation);
        return progress with { Poisoned = waiting.Count(upload => poisoned.Contains(upload.Name, upload.Properties.LastModified)) };
    }

    /// <summary>Waits until each upload has its result or is in poison, and shows how far it is.</summary>
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
                int before = progress.Results.Count;
                (progress, _) = await ReadResultsAsync(account, batch, cancellation);
                // Poison, which is read entry by entry, is looked at only where nothing else happens.
                if (progress.Results.Count == before)
                    progress = await ReadAsync(account, batch, cancellation);
            }
        });
    }

    private static async Task<(BatchProgress Progress, IReadOnlyList<BlobItem> Waiting)> ReadResultsAsync(StorageAccount account, string batch, CancellationToken cancellation)
    {
        // Results first: an upload that comes meanwhile is then one that waits.
        var results = (await BatchListing.ReadAsync(account, batch, cancellation)).Entries.ToDictionary(entry => $"{batch}/{entry.File}", entry => entry.Result);
        List<BlobItem> waiting = [];
        List<ResultMetadata> done = [];
        List<string> refusing = [];
        await foreach (BlobItem blob in account.Container(StorageNames.Uploads).GetBlobsAsync(BlobTraits.None, BlobStates.None, $"{batch}/", cancellation))
        {
            if (results.TryGetValue(blob.Name, out ResultMetadata? result) && result.IsOf(blob.Properties.ETag ?? default))
            {
                done.Add(result);
                if (result.Refused > 0 || result.Status is ImageStatus.Rejected or ImageStatus.Failed)
                    refusing.Add(blob.Name);
            }
            else
            {
                waiting.Add(blob);
            }
        }

        return (new BatchProgress(done.Count + waiting.Count, done, Poisoned: 0) { Refusing = refusing }, waiting);
    }

    public ReportTable ToTable(string batch)
    {
        var table = new ReportTable($"Batch {batch}", new("Result"), new("Files", Numeric: true), new("Faces", Numeric: true), new("Known", Numeric: true));
        foreach (var status in Results.GroupBy(result => result.Status).OrderBy(group => group.Key))
            table.Add(ResultMetadata.NameOf(status.Key), $"{status.Count()}", $"{status.Sum(result => result.Faces)}", $"{status.Sum(result => result.Known)}");
        if (Results.Sum(result => result.Refused) is > 0 and var refused)
            table.Add("refused in archives", $"{refused}", "", "");
        if (Poisoned > 0)
            table.Add("poison", $"{Poisoned}", "", "");
        if (!IsComplete)
            table.Add("waiting", $"{Uploads - Results.Count - Poisoned}", "", "");
        return table;
    }
}
