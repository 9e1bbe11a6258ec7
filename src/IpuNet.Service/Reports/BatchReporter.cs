using System.Text;
using Azure;
using Azure.Storage.Blobs;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Reports;

/// <summary>
/// Writes the summary and the page of a batch. Several writers may do so at the same time: each writes only over what it has seen, and
/// looks at the results again where another was faster, so that the last one has seen all.
/// </summary>
public sealed class BatchReporter : IDisposable
{
    private const string RevisionKey = "revision";
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly StorageAccount _account;
    private readonly ReportImages _images;
    private readonly SharedRuns _runs = new();

    /// <summary>Prepares for an account.</summary>
    public BatchReporter(StorageAccount account)
    {
        _account = account;
        _images = new ReportImages(account);
    }

    /// <summary>What reports show of images; whoever has it in hand tells it.</summary>
    internal ReportImages Images => _images;

    /// <summary>Lets summary and page tell all that the batch has when this is called. Those who ask at the same time share the work.</summary>
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
        // Their versions are asked for before the listing: who wrote them later may have seen more.
        Written report = await FindAsync(StorageNames.Report(batch), cancellation).ConfigureAwait(false);
        Written summary = await FindAsync(StorageNames.Summary(batch), cancellation).ConfigureAwait(false);
        BatchListing listing = await BatchListing.ReadAsync(_account, batch, cancellation).ConfigureAwait(false);
        // Of nothing there is nothing to tell.
        if (listing.Entries.Count == 0)
            return true;
        if (report.Revision != listing.Revision)
        {
            IReadOnlyList<ReportedImage> images = await _images.LoadAsync(batch, BatchReport.Shown(listing), cancellation).ConfigureAwait(false);
            HtmlPage page = BatchReport.Build(listing, images);
            if (!await TryWriteAsync(report, Encoding.UTF8.GetBytes(page.ToString()), BlobWrites.Html, listing, cancellation).ConfigureAwait(false))
                return false;
        }

        return summary.Revision == listing.Revision
            || await TryWriteAsync(summary, BatchSummary.Of(listing).ToJson(), BlobWrites.Json, listing, cancellation).ConfigureAwait(false);
    }

    private async Task<Written> FindAsync(string name, CancellationToken cancellation)
    {
        BlobClient blob = _account.Container(StorageNames.Results).GetBlobClient(name);
        var properties = await blob.FindAsync(cancellation).ConfigureAwait(false);
        return new Written(blob, properties?.ETag, properties is not null && properties.Metadata.TryGetValue(RevisionKey, out string? revision) ? revision : null);
    }

    private static async Task<bool> TryWriteAsync(Written former, byte[] content, string contentType, BatchListing listing, CancellationToken cancellation)
    {
        var metadata = new Dictionary<string, string> { [RevisionKey] = listing.Revision };
        return await former.Blob.TryReplaceAsync(content, contentType, metadata, former.ETag, cancellation).ConfigureAwait(false) is not null;
    }

    private sealed record Written(BlobClient Blob, ETag? ETag, string? Revision);
}
