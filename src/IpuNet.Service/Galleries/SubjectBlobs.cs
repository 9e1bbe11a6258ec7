using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>A subject as it was read from a blob.</summary>
/// <param name="Version">Version of the blob.</param>
/// <param name="Record">The record; null if it is damaged.</param>
/// <param name="Damage">The error if the record is damaged; otherwise null.</param>
internal sealed record StoredSubject(ETag Version, SubjectRecord? Record, FaceDataException? Damage)
{
    /// <summary>The record.</summary>
    /// <exception cref="FaceDataException">The record is damaged.</exception>
    public SubjectRecord Require() => Record ?? throw new FaceDataException(Damage!.Message, Damage);
}

/// <summary>The number of faces of a subject that a job embedded.</summary>
internal sealed record JobFaces(string Job, int Faces);

/// <summary>
/// Reads and writes the records of subjects. The metadata of a record name the sources that embedded all its faces, so a listing shows the
/// subjects that a re-embedding still has to do. The metadata also hold the number of faces that the last job embedded. Both are written
/// together with the record. So a worker that goes on with the job knows the right number.
/// </summary>
internal static class SubjectBlobs
{
    private const string SourcesKey = "sources", PartialKey = "partial", JobKey = "job", JobFacesKey = "jobfaces";
    private const int HashDigits = 16;
    private const string Folder = "/subjects/", Extension = ".json";

    /// <summary>Whether a blob in the folder of the subjects is a subject.</summary>
    public static bool IsSubject(string blob) => blob.EndsWith(Extension, StringComparison.Ordinal);

    /// <summary>The id of the subject of a blob.</summary>
    public static string IdOf(string blob) => blob[(blob.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length)..^Extension.Length];

    /// <summary>Reads a subject. It counts as damaged if it is too long, is not a record, or does not have the id in its name.</summary>
    /// <returns>The subject or its damage; null if there is no such blob.</returns>
    public static async Task<StoredSubject?> TryReadSubjectAsync(this BlobClient blob, CancellationToken cancellation)
    {
        BlobDownloadStreamingResult? found = await blob.TryOpenAsync(cancellation).ConfigureAwait(false);
        if (found is null)
            return null;
        using BlobDownloadStreamingResult download = found;
        byte[]? json = null;
        try
        {
            json = await download.ReadAsync(SubjectRecord.MaxBytes, cancellation).ConfigureAwait(false);
            var record = SubjectRecord.FromJson(json, blob.Name);
            return record.SubjectId == IdOf(blob.Name)
                ? new StoredSubject(download.Details.ETag, record, null)
                : throw new FaceDataException(
                    $"{blob.Name} is not a usable subject: it holds another subject than its name says. Delete it and enrol the subject "
                    + "again.");
        }
        catch (FaceDataException damage)
        {
            return new StoredSubject(download.Details.ETag, null, damage);
        }
        finally
        {
            // The embeddings must not stay in memory as text.
            DeletedMemory.Overwrite(json);
        }
    }

    /// <summary>Replaces the record that was read.</summary>
    /// <param name="blob">The blob of the subject.</param>
    /// <param name="record">The new record.</param>
    /// <param name="read">The version that was read; null if there was none.</param>
    /// <param name="embedded">The re-embedding job that writes, and the faces that it embedded; null for another writer.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The new version; null if another writer changed the record meanwhile, and nothing was written.</returns>
    public static async Task<ETag?> TryWriteAsync(
        this BlobClient blob, SubjectRecord record, ETag? read, JobFaces? embedded, CancellationToken cancellation)
    {
        EmbeddingSource[] complete = [.. record.CompleteSources];
        var metadata = new Dictionary<string, string> { [SourcesKey] = string.Join(',', complete.Select(HashOf)) };
        if (record.Embeddings.Any(face => !complete.Contains(face.Source)))
            metadata[PartialKey] = "true";
        if (embedded is not null)
            (metadata[JobKey], metadata[JobFacesKey]) = (HashOf(embedded.Job), embedded.Faces.ToString(CultureInfo.InvariantCulture));
        byte[] json = record.ToJson();
        ETag? written = await blob.TryReplaceAsync(json, BlobWrites.Json, metadata, read, cancellation).ConfigureAwait(false);
        DeletedMemory.Overwrite(json);
        return written;
    }

    /// <summary>Whether the metadata say that a source embedded all faces of a subject.</summary>
    public static bool IsComplete(IDictionary<string, string>? metadata, EmbeddingSource source) =>
        metadata is not null && metadata.TryGetValue(SourcesKey, out string? hashes) && hashes.Split(',').Contains(HashOf(source));

    /// <summary>Whether the metadata name a source as the only one that embedded all faces of a subject.</summary>
    public static bool IsOfOnly(IDictionary<string, string>? metadata, EmbeddingSource source) =>
        metadata is not null && metadata.TryGetValue(SourcesKey, out string? hashes) && hashes == HashOf(source)
        && !metadata.ContainsKey(PartialKey);

    /// <summary>The number of faces of a subject that a job embedded, by the metadata; 0 if another job wrote the record later.</summary>
    public static int FacesOf(string job, IDictionary<string, string>? metadata) =>
        metadata is not null && metadata.TryGetValue(JobKey, out string? hash) && hash == HashOf(job)
        && metadata.TryGetValue(
            JobFacesKey, out string? count) && int.TryParse(count, CultureInfo.InvariantCulture, out int faces) ? faces : 0;

    private static string HashOf(EmbeddingSource source) => HashOf($"{source.Recogniser}|{source.Alignment}");

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashDigits];
}
