using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using IpuNet.Faces.Gallery;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>Writes the records of subjects. Their metadata say by which sources all faces are embedded, so that a listing shows who is left.</summary>
internal static class SubjectBlobs
{
    private const string SourcesKey = "sources";
    private const int HashDigits = 16;

    /// <summary>Writes a record in place of the one that was read.</summary>
    /// <returns>The new version; null where somebody changed it meanwhile.</returns>
    public static async Task<ETag?> TryWriteAsync(this BlobClient blob, SubjectRecord record, ETag? read, CancellationToken cancellation)
    {
        var metadata = new Dictionary<string, string> { [SourcesKey] = string.Join(',', record.CompleteSources.Select(HashOf)) };
        byte[] json = record.ToJson();
        ETag? written = await blob.TryReplaceAsync(json, BlobWrites.Json, metadata, read, cancellation).ConfigureAwait(false);
        DeletedMemory.Overwrite(json);
        return written;
    }

    /// <summary>Whether all faces of a subject are known to be embedded by a source.</summary>
    public static bool IsComplete(IDictionary<string, string>? metadata, EmbeddingSource source) =>
        metadata is not null && metadata.TryGetValue(SourcesKey, out string? hashes) && hashes.Split(',').Contains(HashOf(source));

    /// <summary>Whether a subject is known to have embeddings by a source and by no other.</summary>
    public static bool IsOfOnly(IDictionary<string, string>? metadata, EmbeddingSource source) =>
        metadata is not null && metadata.TryGetValue(SourcesKey, out string? hashes) && hashes == HashOf(source);

    private static string HashOf(EmbeddingSource source) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{source.Recogniser}|{source.Alignment}")))[..HashDigits];
}
