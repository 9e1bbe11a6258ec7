using System.Runtime.CompilerServices;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Reports;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>
/// The retraining reports in storage. They show faces, each between <see cref="PictureMarks"/> of its identity. A report's metadata list
/// these marks, so one listing finds the reports that show a person. A deletion removes the person from all reports, and later reports do
/// not show the person.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="time">The clock.</param>
/// <remarks>
/// A training may write its report while a person is deleted. The deletion first writes a marker
/// (<see cref="StorageNames.HiddenIdentity"/>) and then reads the reports. The training first writes its report without faces but with
/// their marks, then looks for markers, and then writes the faces on condition that nobody changed the report meanwhile. So either the
/// training sees the marker, or the deletion sees the marks and changes the report. This holds at any interruption.
/// </remarks>
public sealed class RetrainingPages(StorageAccount account, TimeProvider time) : ISubjectTraces
{
    private const string MarksKey = "marks", Removed = "This picture was removed because the person was deleted.",
        NotYet = "This picture is not written yet.";

    private readonly BlobContainerClient _results = account.Container(StorageNames.Results);

    /// <summary>Whether a person was deleted and so is shown in no report.</summary>
    /// <param name="identity">The person, as a folder of <see cref="StorageNames.Training"/> is named.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public Task<bool> IsHiddenAsync(string identity, CancellationToken cancellation) =>
        IsMarkHiddenAsync(PictureMarks.Of(identity), cancellation);

    /// <summary>Writes the report of a job, without the faces of hidden people. Replaces an existing report.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="page">The report. Its pictures of people are marked with their identities.</param>
    /// <param name="cancellation">Cancels the operation. The stored report then shows no faces, or no hidden people.</param>
    /// <exception cref="IOException">Others changed the report each time.</exception>
    public Task WriteAsync(string jobId, HtmlPage page, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(page);
        string html = page.ToString();
        return OptimisticConcurrency.RetryAsync(
            $"The report of the retraining {jobId}",
            time,
            async () => await TryNameAsync(jobId, html, cancellation).ConfigureAwait(false) is { } named
                && await TryShowAsync(jobId, html, named, cancellation).ConfigureAwait(false) ? html : null,
            cancellation);
    }

    SubjectTrace ISubjectTraces.Kind => SubjectTrace.Strip;

    Task<int> ISubjectTraces.CountAsync(SubjectDeparture departure, CancellationToken cancellation) =>
        CountAsync(departure.Identities, cancellation);

    Task<int> ISubjectTraces.ForgetAsync(SubjectDeparture departure, CancellationToken cancellation) =>
        RemoveAsync(departure.Identities, cancellation);

    /// <summary>Removes people's faces from all reports. Later reports do not show them.</summary>
    /// <param name="identities">The people.</param>
    /// <param name="cancellation">Cancels the operation; some may be removed already.</param>
    /// <returns>The number of removed pictures.</returns>
    /// <exception cref="IOException">Others changed a report each time.</exception>
    public async Task<int> RemoveAsync(IReadOnlyCollection<string> identities, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(identities);
        HashSet<string> marks = [.. identities.Select(PictureMarks.Of)];
        if (marks.Count == 0)
            return 0;
        foreach (string mark in marks)
        {
            BlobClient marker = _results.GetBlobClient(StorageNames.HiddenIdentity(mark));
            await marker.TryCreateAsync("{\"schema\":1}"u8.ToArray(), cancellation).ConfigureAwait(false);
        }

        return await RemoveWhereAsync(marks.Contains, cancellation).ConfigureAwait(false);
    }

    /// <summary>Counts the pictures of people in all reports.</summary>
    /// <param name="identities">The people.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public async Task<int> CountAsync(IReadOnlyCollection<string> identities, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(identities);
        HashSet<string> marks = [.. identities.Select(PictureMarks.Of)];
        int count = 0;
        await foreach (BlobClient page in PagesAsync(marks.Contains, cancellation).ConfigureAwait(false))
        {
            if (await page.TryReadAsync(cancellation).ConfigureAwait(false) is not { } read)
                continue;
            _ = PictureMarks.Remove(read.Content.ToString(), marks.Contains, Removed, out int shown);
            count += shown;
        }

        return count;
    }

    /// <summary>Removes all other people's faces from the existing reports.</summary>
    /// <param name="identities">The people who may stay.</param>
    /// <param name="cancellation">Cancels the operation; some may be removed already.</param>
    /// <returns>The number of removed pictures.</returns>
    /// <exception cref="IOException">Others changed a report each time.</exception>
    public Task<int> KeepOnlyAsync(IReadOnlyCollection<string> identities, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(identities);
        HashSet<string> marks = [.. identities.Select(PictureMarks.Of)];
        return RemoveWhereAsync(mark => !marks.Contains(mark), cancellation);
    }

    /// <summary>Writes a report without faces, with the marks of the people that it will show.</summary>
    /// <returns>The report's ETag; null if somebody else wrote the report meanwhile.</returns>
    internal async Task<ETag?> TryNameAsync(string jobId, string html, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(jobId);
        BlobProperties? present = await blob.FindAsync(cancellation).ConfigureAwait(false);
        return await TryWriteAsync(
            blob, PictureMarks.Remove(html, _ => true, NotYet, out _), PictureMarks.In(html), present?.ETag,
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Writes the faces of all people who are not hidden into a report with marks.</summary>
    /// <returns>
    /// False if somebody changed the report meanwhile, perhaps to remove a person. The report must then be written without faces again.
    /// </returns>
    internal async Task<bool> TryShowAsync(string jobId, string html, ETag named, CancellationToken cancellation)
    {
        HashSet<string> hidden = [];
        foreach (string mark in PictureMarks.In(html))
        {
            if (await IsMarkHiddenAsync(mark, cancellation).ConfigureAwait(false))
                hidden.Add(mark);
        }

        string shown = PictureMarks.Remove(html, hidden.Contains, Removed, out _);
        return await TryWriteAsync(BlobOf(jobId), shown, PictureMarks.In(shown), named, cancellation).ConfigureAwait(false) is not null;
    }

    private async Task<bool> IsMarkHiddenAsync(string mark, CancellationToken cancellation) =>
        await _results.GetBlobClient(StorageNames.HiddenIdentity(mark)).ExistsAsync(cancellation).ConfigureAwait(false);

    private async Task<int> RemoveWhereAsync(Predicate<string> isMeant, CancellationToken cancellation)
    {
        int removed = 0;
        await foreach (BlobClient page in PagesAsync(isMeant, cancellation).ConfigureAwait(false))
            removed += await RemoveAsync(page, isMeant, cancellation).ConfigureAwait(false);
        return removed;
    }

    // The reports that show any of the people.
    private async IAsyncEnumerable<BlobClient> PagesAsync(
        Predicate<string> isMeant, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // Folders are skipped: they contain no reports, and one has a blob per deleted person.
        var pages =
            new GetBlobsByHierarchyOptions { Prefix = $"{StorageNames.Retraining}/", Delimiter = "/", Traits = BlobTraits.Metadata };
        await foreach (BlobHierarchyItem item in _results.GetBlobsByHierarchyAsync(pages, cancellation).ConfigureAwait(false))
        {
            if (item.IsBlob && MarksOf(item.Blob.Metadata).Any(mark => isMeant(mark)))
                yield return _results.GetBlobClient(item.Blob.Name);
        }
    }

    private async Task<int> RemoveAsync(BlobClient page, Predicate<string> isMeant, CancellationToken cancellation)
    {
        int removed = 0;
        await OptimisticConcurrency.RetryAsync(
            "A retraining report",
            time,
            async () =>
            {
                if (await page.TryReadAsync(cancellation).ConfigureAwait(false) is not { } read)
                    return page;
                string[] marks = MarksOf(read.Details.Metadata), rest = [.. marks.Where(mark => !isMeant(mark))];
                if (rest.Length == marks.Length)
                    return page;
                string html = PictureMarks.Remove(read.Content.ToString(), isMeant, Removed, out int count);
                if (await TryWriteAsync(page, html, rest, read.Details.ETag, cancellation).ConfigureAwait(false) is null)
                    return null;
                removed = count;
                return page;
            },
            cancellation).ConfigureAwait(false);
        return removed;
    }

    private static Task<ETag?> TryWriteAsync(
        BlobClient page, string html, IReadOnlyCollection<string> marks, ETag? read, CancellationToken cancellation) =>
        page.TryReplaceAsync(
            Encoding.UTF8.GetBytes(html), BlobWrites.Html,
            marks.Count == 0 ? null : new Dictionary<string, string> { [MarksKey] = string.Join(',', marks) }, read, cancellation);

    private static string[] MarksOf(IDictionary<string, string>? metadata) =>
        metadata is not null && metadata.TryGetValue(MarksKey, out string? marks) ? marks.Split(',') : [];

    private BlobClient BlobOf(string jobId) => _results.GetBlobClient(StorageNames.RetrainingReport(jobId));
}
