using System.Text;
using Azure;
using Azure.Storage.Blobs;
using IpuNet.Contract;
using IpuNet.Faces.Reports;
using IpuNet.Faces.Telemetry;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Reports;

/// <summary>
/// Writes the summary and the report of a batch. Several writers may do so at the same time. Each writer replaces only the version that it
/// has read; if another was faster, it reads the results again. So the last writer has seen all results.
/// </summary>
public sealed class BatchReporter : IDisposable
{
    private const string RevisionKey = "revision";
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly StorageAccount _account;
    private readonly ReportImages _images;
    private readonly RunCoalescer _runs = new();

    /// <summary>Prepares for an account.</summary>
    public BatchReporter(StorageAccount account)
    {
        _account = account;
        _images = new ReportImages(account);
    }

    /// <summary>The images for reports. Writers of results add to it what they have in memory.</summary>
    internal ReportImages Images => _images;

    /// <summary>
    /// Renews the summary and the report, so that they include all results that exist at the call. Concurrent calls share the work.
    /// </summary>
    public Task RenewAsync(string batch, CancellationToken cancellation) =>
        _runs.RunAsync(batch, () => WriteAsync(batch, cancellation), cancellation);

    /// <inheritdoc/>
    public void Dispose() => _images.Dispose();

    private async Task WriteAsync(string batch, CancellationToken cancellation)
    {
        using var stage = PipelineStage.Begin("report");
        while (!await TryWriteAsync(batch, cancellation).ConfigureAwait(false))
            await Task.Delay(LongestPause * Random.Shared.NextDouble(), cancellation).ConfigureAwait(false);
    }

    private async Task<bool> TryWriteAsync(string batch, CancellationToken cancellation)
    {
        // The versions are read before the listing, because a later writer may have seen more results.
        Written report = await FindAsync(StorageNames.Report(batch), cancellation).ConfigureAwait(false);
        Written summary = await FindAsync(StorageNames.Summary(batch), cancellation).ConfigureAwait(false);
        BatchListing listing = await BatchListing.ReadAsync(_account, batch, cancellation).ConfigureAwait(false);
        // A batch without results gets no report.
        if (listing.Entries.Count == 0)
            return true;
        if (report.Revision != listing.Revision)
        {
            IReadOnlyList<ReportedImage> images = await _images.LoadAsync(
                batch, BatchReport.Shown(listing), cancellation).ConfigureAwait(false);
            HtmlPage page = BatchReport.Build(listing, images);
            byte[] html = Encoding.UTF8.GetBytes(page.ToString());
            if (!await TryWriteAsync(report, html, BlobWrites.Html, listing, cancellation).ConfigureAwait(false))
                return false;
        }

        return summary.Revision == listing.Revision
            || await TryWriteAsync(summary, listing.Summary().ToJson(), BlobWrites.Json, listing, cancellation).ConfigureAwait(false);
    }

    private async Task<Written> FindAsync(string name, CancellationToken cancellation)
    {
        BlobClient blob = _account.Container(StorageNames.Results).GetBlobClient(name);
        var properties = await blob.FindAsync(cancellation).ConfigureAwait(false);
        return new Written(
            blob, properties?.ETag,
            properties is not null && properties.Metadata.TryGetValue(RevisionKey, out string? revision) ? revision : null);
    }

    private static async Task<bool> TryWriteAsync(
        Written former, byte[] content, string contentType, BatchListing listing, CancellationToken cancellation)
    {
        var metadata = new Dictionary<string, string> { [RevisionKey] = listing.Revision };
        return await former.Blob.TryReplaceAsync(
            content, contentType, metadata, former.ETag, cancellation).ConfigureAwait(false) is not null;
    }

    private sealed record Written(BlobClient Blob, ETag? ETag, string? Revision);
}

/// <summary>
/// Runs work by key, one run at a time per key. Callers that ask during a run share the next run, which begins after all of them have
/// asked.
/// </summary>
internal sealed class RunCoalescer
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Runs> _runs = new(StringComparer.Ordinal);

    /// <param name="key">The key of the work.</param>
    /// <param name="work">The work. If several callers share a run, the work of the first is done.</param>
    /// <param name="cancellation">Ends the waiting, not the work.</param>
    public Task RunAsync(string key, Func<Task> work, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (!_runs.TryGetValue(key, out Runs? runs))
                _runs.Add(key, runs = new Runs(Task.CompletedTask));
            Task next = runs.Next ??= AfterAsync(key, runs, work);
            return next.WaitAsync(cancellation);
        }
    }

    private async Task AfterAsync(string key, Runs runs, Func<Task> work)
    {
        // The caller must record this run as the next before it begins.
        await Task.Yield();
        await runs.Current.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task current;
        lock (_lock)
        {
            (runs.Current, runs.Next) = (Task.Run(work), null);
            current = runs.Current;
        }

        try
        {
            await current.ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                if (runs.Current == current && runs.Next is null)
                    _runs.Remove(key);
            }
        }
    }

    private sealed class Runs(Task current)
    {
        public Task Current { get; set; } = current;

        public Task? Next { get; set; }
    }
}
