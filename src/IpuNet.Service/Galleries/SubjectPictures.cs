using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces.Gallery;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>The pictures that were uploaded to enrol subjects. They are kept for as long as a face of them is enrolled: another recogniser needs them.</summary>
internal sealed class SubjectPictures(StorageAccount account)
{
    /// <summary>The images whose faces a record had, and that it names no longer.</summary>
    public static IEnumerable<EnrolmentImage> Gone(SubjectRecord? former, SubjectRecord? now) =>
        ImagesOf(former).Except(ImagesOf(now)).Select(image => EnrolmentImage.Parse(image, out _)).OfType<EnrolmentImage>();

    /// <summary>Whose images for retraining are among those that a record names no longer, by the folder that they are in.</summary>
    public static IEnumerable<string> IdentitiesGone(SubjectRecord? former, SubjectRecord? now) => Gone(former, now)
        .Where(image => !image.IsOfSubject).Select(image => TrainingImageName.Parse(image.Blob, out _)?.Identity).OfType<string>().Distinct();

    /// <summary>Whether a record names an image.</summary>
    public static bool IsNamed(SubjectRecord? record, EnrolmentImage image) => ImagesOf(record).Contains(image.Name);

    /// <summary>How many pictures are there that a record names no longer.</summary>
    public async Task<int> CountAsync(SubjectRecord? former, SubjectRecord? now, CancellationToken cancellation)
    {
        int count = 0;
        foreach (EnrolmentImage image in Gone(former, now).Where(image => image.IsOfSubject))
        {
            BlobClient picture = account.Container(image.Container).GetBlobClient(image.Blob);
            count += await picture.ExistsAsync(cancellation).ConfigureAwait(false) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Removes the pictures that a record names no longer.</summary>
    /// <returns>How many were there.</returns>
    public async Task<int> RemoveAsync(SubjectRecord? former, SubjectRecord? now, CancellationToken cancellation)
    {
        int removed = 0;
        foreach (EnrolmentImage image in Gone(former, now).Where(image => image.IsOfSubject))
            removed += await RemoveAsync(image, cancellation).ConfigureAwait(false) ? 1 : 0;
        return removed;
    }

    /// <summary>Removes a picture.</summary>
    /// <returns>Whether it was there.</returns>
    public async Task<bool> RemoveAsync(EnrolmentImage image, CancellationToken cancellation) => await account.Container(image.Container)
        .GetBlobClient(image.Blob).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellation).ConfigureAwait(false);

    private static IEnumerable<string> ImagesOf(SubjectRecord? record) => record?.Embeddings.Select(face => face.Provenance.Image).Distinct() ?? [];
}
