using System.Runtime.CompilerServices;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces.Reports;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Retraining;

/// <summary>
/// The pages about retrainings in storage. They show faces, each between <see cref="PictureMarks"/> of its identity; a page's metadata list the
/// marks, so that one listing finds the pages that somebody is on. Whoever is deleted goes from them, and comes to no later one.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="time">The time.</param>
/// <remarks>
/// A training may write its page while somebody is deleted. The deletion first leaves a note (<see cref="StorageNames.HiddenIdentity"/>) and then
/// looks at the pages; a training first writes its page without faces but with their marks, then looks for notes, and then writes the page under the condition that
/// nobody wrote it meanwhile. Either it sees the note, or the deletion sees the marks and writes the page. So a face is never there unseen, whoever ends when.
/// </remarks>
public sealed class RetrainingPages(StorageAccount account, TimeProvider time)
{
    private const string MarksKey = "marks", Removed = "This picture was removed: the person is deleted.", NotYet = "This picture is not written yet.";

    private readonly BlobContainerClient _results = account.Container(StorageNames.Results);

    /// <summary>Whether somebody was deleted, and so is shown on no page.</summary>
    /// <param name="identity">The identity, as <see cref="TrainingImage.Identity"/>.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<bool> IsHiddenAsync(string identity, CancellationToken cancellation) => IsMarkHiddenAsync(PictureMarks.Of(identity), cancellation);

    /// <summary>Writes the page about a job, in place of one that is there, and without the faces of whoever is hidden.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="page">The page; its pictures of people are marked with their identities.</param>
    /// <param name="cancellation">Gives up; what is there then shows nobody, or nobody who is hidden.</param>
    /// <exception cref="IOException">Others changed the page all the time.</exception>
    public Task WriteAsync(string jobId, HtmlPage page, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(page);
        string html = page.ToString();
        return Contention.RepeatAsync(
            $"The page about {jobId}",
            time,
            async () => await TryNameAsync(jobId, html, cancellation).ConfigureAwait(false) is { } named
                && await TryShowAsync(jobId, html, named, cancellation).ConfigureAwait(false) ? html : null,
            cancellation);
    }

    /// <summary>Removes people's faces from all pages, and has later pages show none of them.</summary>
    /// <param name="identities">The people.</param>
    /// <param name="cancellation">Gives up; some may be removed then.</param>
    /// <returns>How many pictures were removed.</returns>
    /// <exception cref="IOException">Others changed a page all the time.</exception>
    public async Task<int> RemoveAsync(IReadOnlyCollection<string> identities, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(identities);
        HashSet<string> marks = [.. identities.Select(PictureMarks.Of)];
        if (marks.Count == 0)
            return 0;
        foreach (string mark in marks)
            await _results.GetBlobClient(StorageNames.HiddenIdentity(mark)).TryCreateAsync("{\"schema\":1}"u8.ToArray(), cancellation).ConfigureAwait(false);
        return await RemoveWhereAsync(marks.Contains, cancellation).ConfigureAwait(false);
    }

    /// <summary>How many pictures of people the pages show.</summary>
    /// <param name="identities">The people.</param>
    /// <param name="cancellation">Gives up.</param>
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

    /// <summary>Removes all other people's faces from the pages that are there.</summary>
    /// <param name="identities">Who may stay.</param>
    /// <param name="cancellation">Gives up; some may be removed then.</param>
    /// <returns>How many pictures were removed.</returns>
    /// <exception cref="IOException">Others changed a page all the time.</exception>
    public Task<int> KeepOnlyAsync(IReadOnlyCollection<string> identities, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(identities);
        HashSet<string> marks = [.. identities.Select(PictureMarks.Of)];
        return RemoveWhereAsync(mark => !marks.Contains(mark), cancellation);
    }

    /// <summary>Writes a page without faces that says whose it will show.</summary>
    /// <returns>Its version; null where somebody else wrote the page meanwhile.</returns>
    internal async Task<ETag?> TryNameAsync(string jobId, string html, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(jobId);
        BlobProperties? present = await blob.FindAsync(cancellation).ConfigureAwait(false);
        return await TryWriteAsync(blob, PictureMarks.Remove(html, _ => true, NotYet, out _), PictureMarks.In(html), present?.ETag, cancellation).ConfigureAwait(false);
    }

    /// <summary>Writes a page that was named, with the faces of all who are not hidden.</summary>
    /// <returns>False where somebody wrote it meanwhile, to remove somebody perhaps: it is to be named again.</returns>
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

    // Those that somebody is on.
    private async IAsyncEnumerable<BlobClient> PagesAsync(
        Predicate<string> isMeant, [EnumeratorCancellation] CancellationToken cancellation)
    {
        // Folders are passed over: they hold no pages, and one has a blob for everybody who was ever deleted.
        var pages = new GetBlobsByHierarchyOptions { Prefix = $"{StorageNames.Retraining}/", Delimiter = "/", Traits = BlobTraits.Metadata };
        await foreach (BlobHierarchyItem item in _results.GetBlobsByHierarchyAsync(pages, cancellation).ConfigureAwait(false))
        {
            if (item.IsBlob && MarksOf(item.Blob.Metadata).Any(mark => isMeant(mark)))
                yield return _results.GetBlobClient(item.Blob.Name);
        }
    }

    private async Task<int> RemoveAsync(BlobClient page, Predicate<string> isMeant, CancellationToken cancellation)
    {
        int removed = 0;
        await Contention.RepeatAsync(
            "A page about a retraining",
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

    private static Task<ETag?> TryWriteAsync(BlobClient page, string html, IReadOnlyCollection<string> marks, ETag? read, CancellationToken cancellation) => page.TryReplaceAsync(
        Encoding.UTF8.GetBytes(html), BlobWrites.Html, marks.Count == 0 ? null : new Dictionary<string, string> { [MarksKey] = string.Join(',', marks) }, read, cancellation);

    private static string[] MarksOf(IDictionary<string, string>? metadata) => metadata is not null && metadata.TryGetValue(MarksKey, out string? marks) ? marks.Split(',') : [];

    private BlobClient BlobOf(string jobId) => _results.GetBlobClient(StorageNames.RetrainingReport(jobId));
}
