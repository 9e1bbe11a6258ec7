using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>
/// The aligned faces that the subjects of a gallery are enrolled from, kept so that another recogniser can embed them. All of a subject are in
/// one folder, and their names say when they were enrolled: a deletion finds them whatever the subject's record says, and tells them from those that
/// are enrolled afterwards.
/// </summary>
internal sealed class SubjectCrops(StorageAccount account, string gallery)
{
    private const string Extension = ".png";
    private const int HashDigits = 32;

    private readonly BlobContainerClient _galleries = account.Container(StorageNames.Galleries);

    /// <summary>Keeps the aligned face that an embedding is of.</summary>
    public async Task WriteAsync(string subjectId, SubjectEmbedding face, RgbImage aligned, CancellationToken cancellation)
    {
        var options = new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = BlobWrites.Png } };
        await BlobOf(subjectId, face).UploadAsync(BinaryData.FromBytes(ImageEncoder.EncodePng(aligned)), options, cancellation).ConfigureAwait(false);
    }

    /// <summary>The aligned face that an embedding is of.</summary>
    /// <returns>Null where it was not kept.</returns>
    public async Task<RgbImage?> FindAsync(string subjectId, SubjectEmbedding face, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(subjectId, face);
        return await blob.TryReadAsync(cancellation).ConfigureAwait(false) is { } png ? ImageDecoder.Decode(png.Content.ToArray(), blob.Name) : null;
    }

    /// <summary>Removes the faces of a subject that were enrolled up to a time, apart from those that a record still names.</summary>
    /// <returns>How many there were.</returns>
    public Task<int> RemoveAsync(string subjectId, DateTimeOffset until, SubjectRecord? rest, CancellationToken cancellation) =>
        RemoveAsync(subjectId, (at, _) => at <= until.UtcTicks, rest, cancellation);

    /// <summary>
    /// Removes the faces of a subject that a job kept, and that a record does not name: they were not enrolled after all. And what was kept before
    /// of faces that the job enrolled once more.
    /// </summary>
    public Task RemoveOfJobAsync(string subjectId, DateTimeOffset sentAt, SubjectRecord? record, CancellationToken cancellation)
    {
        HashSet<string> enrolled = [.. record?.Embeddings.Where(face => face.EnrolledAt == sentAt).Select(ContentOf) ?? []];
        return RemoveAsync(
            subjectId, (at, content) => at == sentAt.UtcTicks || (at < sentAt.UtcTicks && enrolled.Contains(content)), record, cancellation);
    }

    private async Task<int> RemoveAsync(string subjectId, Func<long, string, bool> isMeant, SubjectRecord? rest, CancellationToken cancellation)
    {
        HashSet<string> kept = [.. rest?.Embeddings.Select(face => BlobOf(subjectId, face).Name) ?? []];
        string folder = StorageNames.Crops(gallery, subjectId);
        int removed = 0;
        await foreach (BlobItem blob in _galleries.GetBlobsAsync(BlobTraits.None, BlobStates.None, folder, cancellation).ConfigureAwait(false))
        {
            string[] parts = Path.GetFileNameWithoutExtension(blob.Name[folder.Length..]).Split('-');
            // What has another name is of nobody knows when, and may be of the subject.
            bool isOther = long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long at) && !isMeant(at, parts[^1]);
            if (isOther || kept.Contains(blob.Name))
                continue;
            removed += await _galleries.GetBlobClient(blob.Name)
                .DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellation).ConfigureAwait(false) ? 1 : 0;
        }

        return removed;
    }

    private BlobClient BlobOf(string subjectId, SubjectEmbedding face) => _galleries.GetBlobClient(string.Create(
        CultureInfo.InvariantCulture, $"{StorageNames.Crops(gallery, subjectId)}{face.EnrolledAt.UtcTicks}-{ContentOf(face)}{Extension}"));

    // Recognisers that share an alignment share the face.
    private static string ContentOf(SubjectEmbedding face) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{face.Provenance.Sha256}|{face.Source.Alignment}")))[..HashDigits];
}
