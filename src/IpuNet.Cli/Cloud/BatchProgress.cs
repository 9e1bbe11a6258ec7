using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Reports;
using IpuNet.Service.Intake;
using IpuNet.Service.Queues;
using IpuNet.Service.Reports;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Cloud;

/// <summary>The progress of a batch, from a listing of its uploads and one of its results.</summary>
/// <param name="Uploads">Number of uploads, including archives and the files unpacked from them.</param>
/// <param name="Results">The results so far.</param>
/// <param name="Poisoned">Number of uploads without a result that are in poison; 0 if poison was not read.</param>
internal sealed record BatchProgress(int Uploads, IReadOnlyList<ResultMetadata> Results, int Poisoned)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Whether every upload has a result or is in poison.</summary>
    public bool IsComplete => Results.Count + Poisoned == Uploads;

    public bool AnyRefused => Poisoned > 0 || Refused.Count > 0;

    /// <summary>Number of archives among the uploads. An archive has a result of its own, beside those of its images.</summary>
    public int Archives { get; private init; }

    /// <summary>Uploads that were rejected or failed, and archives with refused entries, as {batch}/{file}.</summary>
    public IReadOnlyList<string> Refused { get; private init; } = [];

    public static async Task<BatchProgress> ReadAsync(StorageAccount account, string batch, CancellationToken cancellation)
    {
        var (progress, waiting) = await ReadResultsAsync(account, batch, cancellation);
        if (waiting.Count == 0)
            return progress;
        var poisoned = await PoisonedUploads.ReadAsync(account, new PoisonLog(account), cancellation);
        return progress with { Poisoned = waiting.Count(upload => poisoned.Contains(upload.Name, upload.Properties.LastModified)) };
    }

    /// <summary>Waits until every upload has a result or is in poison, and shows the progress.</summary>
    public static async Task<BatchProgress> WaitAsync(
        StorageAccount account, string batch, Terminal terminal, CancellationToken cancellation)
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
                // Poison is read entry by entry, so only while no result comes.
                if (progress.Results.Count == before)
                    progress = await ReadAsync(account, batch, cancellation);
            }
        });
    }

    private static async Task<(BatchProgress Progress, IReadOnlyList<BlobItem> Waiting)> ReadResultsAsync(
        StorageAccount account, string batch, CancellationToken cancellation)
    {
        // Results are read first: an upload that comes meanwhile then counts as waiting.
        var results = (await BatchListing.ReadAsync(account, batch, cancellation)).Entries.ToDictionary(
            entry => $"{batch}/{entry.File}", entry => entry.Result);
        List<BlobItem> waiting = [];
        List<ResultMetadata> done = [];
        List<string> refused = [];
        int archives = 0;
        BlobContainerClient uploads = account.Container(StorageNames.Uploads);
        await foreach (BlobItem blob in uploads.GetBlobsAsync(BlobTraits.None, BlobStates.None, $"{batch}/", cancellation))
        {
            if (UploadName.IsArchive(blob.Name))
                archives++;
            if (results.TryGetValue(blob.Name, out ResultMetadata? result) && result.IsOf($"{blob.Properties.ETag}"))
            {
                done.Add(result);
                if (result.Refused > 0 || result.Status is ImageStatus.Rejected or ImageStatus.Failed)
                    refused.Add(blob.Name);
            }
            else
            {
                waiting.Add(blob);
            }
        }

        return (new BatchProgress(done.Count + waiting.Count, done, Poisoned: 0) { Refused = refused, Archives = archives }, waiting);
    }

    public ReportTable ToTable(string batch)
    {
        var table = new ReportTable(
            $"Batch {batch}", new("Result"), new("Files", Numeric: true), new("Faces", Numeric: true), new("Known", Numeric: true));
        foreach (var status in Results.GroupBy(result => result.Status).OrderBy(group => group.Key))
            table.Add(
                ResultMetadata.NameOf(status.Key), $"{status.Count()}", $"{status.Sum(result => result.Faces)}",
                $"{status.Sum(result => result.Known)}");
        if (Results.Sum(result => result.Refused) is > 0 and var entries)
            table.Add("refused in archives", $"{entries}", "", "");
        if (Poisoned > 0)
            table.Add("poison", $"{Poisoned}", "", "");
        if (!IsComplete)
            table.Add("waiting", $"{Uploads - Results.Count - Poisoned}", "", "");
        return table;
    }
}
