using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
using IpuNet.Service.Intake;
using IpuNet.Service.Recognition;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Reports;

/// <summary>A result of a batch, as a listing shows it.</summary>
/// <param name="File">The image's name within the batch.</param>
/// <param name="ETag">Version of the result.</param>
/// <param name="Result">What it says of itself.</param>
public sealed record BatchEntry(string File, ETag ETag, ResultMetadata Result)
{
    /// <summary>Whether it is about an archive and not about an image.</summary>
    public bool IsArchive => UploadName.IsArchive(File);
}

/// <summary>All results of a batch, by one listing of their metadata.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Entries">The results, by name; neither summary nor page is one.</param>
public sealed record BatchListing(string Batch, IReadOnlyList<BatchEntry> Entries)
{
    private const string Extension = ".json";

    /// <summary>Is another for other results.</summary>
    public string Revision { get; } = RevisionOf(Entries);

    /// <summary>Lists the results of a batch.</summary>
    /// <returns>Without entries where there is no such batch.</returns>
    public static async Task<BatchListing> ReadAsync(StorageAccount account, string batch, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(account);
        string folder = $"{batch}/", summary = StorageNames.Summary(batch);
        List<BatchEntry> entries = [];
        await foreach (BlobItem blob in account.Container(StorageNames.Results)
            .GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, folder, cancellation).ConfigureAwait(false))
        {
            if (blob.Name.EndsWith(Extension, StringComparison.Ordinal) && blob.Name != summary && ResultMetadata.From(blob.Metadata) is { } result)
                entries.Add(new BatchEntry(blob.Name[folder.Length..^Extension.Length], blob.Properties.ETag ?? default, result));
        }

        entries.Sort((a, b) => string.CompareOrdinal(a.File, b.File));
        return new BatchListing(batch, entries);
    }

    private static string RevisionOf(IReadOnlyList<BatchEntry> entries)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (BatchEntry entry in entries)
            hash.AppendData(Encoding.UTF8.GetBytes($"{entry.File}\n{entry.ETag}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
