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

/// <summary>A subject as a blob has it.</summary>
/// <param name="Version">The blob's version.</param>
/// <param name="Record">The record; null where it is damaged.</param>
/// <param name="Damage">What is wrong with it; null where nothing is.</param>
internal sealed record StoredSubject(ETag Version, SubjectRecord? Record, FaceDataException? Damage)
{
    /// <summary>The record.</summary>
    /// <exception cref="FaceDataException">It is damaged.</exception>
    public SubjectRecord Require() => Record ?? throw new FaceDataException(Damage!.Message, Damage);
}

/// <summary>How many faces of a subject a job embedded.</summary>
internal sealed record JobFaces(string Job, int Faces);

/// <summary>
/// Reads and writes the records of subjects. Their metadata say by which sources all faces are embedded, so that a listing shows who is
/// left, and how many
/// faces the job embedded that wrote it last: they are written with the record, so that whoever goes on with the job misses none.
/// </summary>
internal static class SubjectBlobs
{
    private const string SourcesKey = "sources", JobKey = "job", JobFacesKey = "jobfaces";
    private const int HashDigits = 16;
    private const string Folder = "/subjects/", Extension = ".json";

    /// <summary>Whether a blob among a gallery's subjects is one.</summary>
    public static bool IsSubject(string blob) => blob.EndsWith(Extension, StringComparison.Ordinal);

    /// <summary>The id of the subject that a blob is of.</summary>
    public static string IdOf(string blob) => blob[(blob.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length)..^Extension.Length];

    /// <summary>Reads a subject, damaged or not: too long, no record, or of another subject than its name says.</summary>
    /// <returns>Null where there is none.</returns>
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
                    $"{blob.Name} is not a usable subject: it is of another subject than its name says. Delete it and enrol the subject "
                    + "again.");
        }
        catch (FaceDataException damage)
        {
            return new StoredSubject(download.Details.ETag, null, damage);
        }
        finally
        {
            // Embeddings do not stay in memory as text, too.
            DeletedMemory.Overwrite(json);
        }
    }

    /// <summary>Writes a record in place of the one that was read.</summary>
    /// <returns>The new version; null where somebody changed it meanwhile.</returns>
    public static async Task<ETag?> TryWriteAsync(
        this BlobClient blob, SubjectRecord record, ETag? read, CancellationToken cancellation, JobFaces? embedded = null)
    {
        var metadata = new Dictionary<string, string> { [SourcesKey] = string.Join(',', record.CompleteSources.Select(HashOf)) };
        if (embedded is not null)
            (metadata[JobKey], metadata[JobFacesKey]) = (HashOf(embedded.Job), embedded.Faces.ToString(CultureInfo.InvariantCulture));
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

    /// <summary>How many faces of a subject a job is known to have embedded; 0 where somebody has written the record since.</summary>
    public static int FacesOf(string job, IDictionary<string, string>? metadata) =>
        metadata is not null && metadata.TryGetValue(JobKey, out string? hash) && hash == HashOf(job)
        && metadata.TryGetValue(
            JobFacesKey, out string? count) && int.TryParse(count, CultureInfo.InvariantCulture, out int faces) ? faces : 0;

    private static string HashOf(EmbeddingSource source) => HashOf($"{source.Recogniser}|{source.Alignment}");

    private static string HashOf(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..HashDigits];
}
