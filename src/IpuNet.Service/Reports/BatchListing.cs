using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Reports;

/// <summary>A result in the listing of a batch.</summary>
/// <param name="File">The image's name within the batch.</param>
/// <param name="ETag">The ETag of the result.</param>
/// <param name="Result">The result's metadata.</param>
public sealed record BatchEntry(string File, ETag ETag, ResultMetadata Result)
{
    /// <summary>Whether the result is about an archive, not an image.</summary>
    public bool IsArchive => UploadName.IsArchive(File);
}

/// <summary>All results of a batch, read from one listing of their metadata.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Entries">The results, sorted by name, without the summary and the report.</param>
public sealed record BatchListing(string Batch, IReadOnlyList<BatchEntry> Entries)
{
    private const string Extension = ".json";

    /// <summary>A hash of the results: other results have another revision.</summary>
    public string Revision { get; } = RevisionOf(Entries);

    /// <summary>Lists the results of a batch.</summary>
    /// <returns>The listing; without entries if there is no such batch.</returns>
    public static async Task<BatchListing> ReadAsync(StorageAccount account, string batch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(account);
        string folder = $"{batch}/", summary = StorageNames.Summary(batch);
        List<BatchEntry> entries = [];
        await foreach (BlobItem blob in account.Container(StorageNames.Results)
            .GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, folder, cancellation).ConfigureAwait(false))
        {
            if (blob.Name.EndsWith(Extension, StringComparison.Ordinal) && blob.Name != summary
                && ResultMetadata.From(blob.Metadata) is { } result)
                entries.Add(new BatchEntry(blob.Name[folder.Length..^Extension.Length], blob.Properties.ETag ?? default, result));
        }

        entries.Sort((a, b) => string.CompareOrdinal(a.File, b.File));
        return new BatchListing(batch, entries);
    }

    /// <summary>Summarises the batch.</summary>
    public BatchSummary Summary()
    {
        BatchEntry[] images = [.. Entries.Where(entry => !entry.IsArchive)];
        BatchEntry[] archives = [.. Entries.Where(entry => entry.IsArchive)];
        int faces = images.Sum(image => image.Result.Faces), known = images.Sum(image => image.Result.Known);
        return new BatchSummary
        {
            BatchId = Batch,
            Images = new ImageCounts(
                images.Length, Count(ImageStatus.Ok), Count(ImageStatus.NoFace), Count(ImageStatus.Rejected), Count(ImageStatus.Failed)),
            RefusedEntries = archives.Sum(archive => archive.Result.Refused),
            Faces = new FaceCounts(faces, known, faces - known),
            Results =
            [
                .. images.Select(entry =>
                    new ImageSummary(NameOf(entry), entry.Result.Status, entry.Result.Faces, entry.Result.Known)),
            ],
            Archives = [.. archives.Select(entry => new ArchiveSummary(NameOf(entry), entry.Result.Status, entry.Result.Refused))],
        };

        int Count(ImageStatus status) => images.Count(image => image.Result.Status == status);

        string NameOf(BatchEntry entry) => $"{StorageNames.Uploads}/{Batch}/{entry.File}";
    }

    private static string RevisionOf(IReadOnlyList<BatchEntry> entries)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (BatchEntry entry in entries)
            hash.AppendData(Encoding.UTF8.GetBytes($"{entry.File}\n{entry.ETag}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
