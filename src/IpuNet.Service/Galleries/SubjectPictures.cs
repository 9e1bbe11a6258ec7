using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>
/// The images that were uploaded to enrol subjects. An image is kept as long as a face from it is enrolled, because a recogniser with
/// another alignment needs it.
/// </summary>
internal sealed class SubjectPictures(StorageAccount account) : ISubjectTraces
{
    /// <inheritdoc/>
    public SubjectTrace Kind => SubjectTrace.Picture;

    /// <inheritdoc/>
    public async Task<int> CountAsync(SubjectDeparture departure, CancellationToken cancellation)
    {
        int count = 0;
        foreach (EnrolmentImage image in departure.Images.Where(image => image.IsOfSubject))
            count += await BlobOf(image).ExistsAsync(cancellation).ConfigureAwait(false) ? 1 : 0;
        return count;
    }

    /// <inheritdoc/>
    public async Task<int> ForgetAsync(SubjectDeparture departure, CancellationToken cancellation)
    {
        int removed = 0;
        foreach (EnrolmentImage image in departure.Images.Where(image => image.IsOfSubject))
            removed += await RemoveAsync(image, cancellation).ConfigureAwait(false) ? 1 : 0;
        return removed;
    }

    /// <summary>Removes an image.</summary>
    /// <returns>Whether the image was there.</returns>
    public async Task<bool> RemoveAsync(EnrolmentImage image, CancellationToken cancellation) =>
        await BlobOf(image).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellation)
            .ConfigureAwait(false);

    private BlobClient BlobOf(EnrolmentImage image) => account.Container(image.Container).GetBlobClient(image.Blob);
}

/// <summary>
/// An image that a subject is enrolled from. A message or a record could name any blob, so only images in these two places are read.
/// </summary>
/// <param name="Container"><see cref="StorageNames.Uploads"/> or <see cref="StorageNames.Training"/>.</param>
/// <param name="Blob">Name within the container.</param>
public sealed record EnrolmentImage(string Container, string Blob)
{
    private const string UploadFolder = $"{StorageNames.Uploads}/{StorageNames.Enrolments}/", TrainingFolder = $"{StorageNames.Training}/";

    /// <summary>The rule for names, for messages.</summary>
    public const string Rule = $"Images are named {UploadFolder}JOB/FILE or {TrainingFolder}IDENTITY/FILE.";

    /// <summary>The name in messages and records: with the container.</summary>
    public string Name => $"{Container}/{Blob}";

    /// <summary>
    /// Whether the image was uploaded to enrol the subject, so that it is removed with the subject. An image for retraining is not.
    /// </summary>
    public bool IsOfSubject => Container == StorageNames.Uploads;

    /// <summary>Reads a name.</summary>
    /// <param name="name">The name, with the container.</param>
    /// <param name="fault">The fault of the name; null if there is none.</param>
    /// <returns>The image; null if the name has a fault.</returns>
    public static EnrolmentImage? Parse(string? name, out string? fault)
    {
        fault = null;
        if (name is not null && name.StartsWith(UploadFolder, StringComparison.Ordinal))
            fault = UploadName.FaultOf(name[UploadFolder.Length..]);
        else if (name is not null && name.StartsWith(TrainingFolder, StringComparison.Ordinal))
            fault = TrainingFaultOf(name[TrainingFolder.Length..]);
        else
            fault = "is in another place";
        if (fault is not null)
        {
            fault = $"'{UploadName.Shown(name ?? "")}' {fault}";
            return null;
        }

        int slash = name!.IndexOf('/', StringComparison.Ordinal);
        return new EnrolmentImage(name[..slash], name[(slash + 1)..]);
    }

    /// <summary>Whether the image was uploaded for a certain job.</summary>
    public bool IsUploadedFor(string jobId) =>
        IsOfSubject && Blob.StartsWith($"{StorageNames.Enrolments}/{jobId}/", StringComparison.Ordinal);

    private static string? TrainingFaultOf(string blob) =>
        UploadName.FaultOf(blob) ?? (blob.Count(c => c == '/') == 1 ? null : "is not a file in the folder of an identity");
}

/// <summary>The parts of the name of an image in <see cref="StorageNames.Training"/>.</summary>
/// <param name="Identity">The identity that the image shows.</param>
/// <param name="IsFixed">Whether the image belongs to the fixed evaluation set.</param>
internal sealed record TrainingImageName(string Identity, bool IsFixed)
{
    private const string FixedFolder = $"{StorageNames.FixedEvaluation}/";

    /// <summary>Reads a name.</summary>
    /// <param name="blob">The name, within the container.</param>
    /// <param name="category">The part of the name that has a fault: "identity", "name" or "extension"; "" if there is no fault.</param>
    /// <returns>The parts; null if the name has a fault.</returns>
    public static TrainingImageName? Parse(string blob, out string category)
    {
        bool isFixed = blob.StartsWith(FixedFolder, StringComparison.Ordinal);
        string name = isFixed ? blob[FixedFolder.Length..] : blob;
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        category = slash <= 0 ? "identity"
            : UploadName.FaultOf(name) is not null || name.LastIndexOf('/') != slash ? "name"
            : ImageFiles.IsSideFile(name[(slash + 1)..]) ? "extension" : "";
        return category.Length == 0 ? new TrainingImageName(name[..slash], isFixed) : null;
    }
}
