using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>
/// The pictures that were uploaded to enrol subjects. They are kept for as long as a face of them is enrolled: another recogniser needs
/// them.
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

    /// <summary>Removes a picture.</summary>
    /// <returns>Whether it was there.</returns>
    public async Task<bool> RemoveAsync(EnrolmentImage image, CancellationToken cancellation) =>
        await BlobOf(image).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellation)
            .ConfigureAwait(false);

    private BlobClient BlobOf(EnrolmentImage image) => account.Container(image.Container).GetBlobClient(image.Blob);
}

/// <summary>
/// An image that a subject is enrolled from. What a message or a subject's record names is not trusted: only these places are read.
/// </summary>
/// <param name="Container"><see cref="StorageNames.Uploads"/> or <see cref="StorageNames.Training"/>.</param>
/// <param name="Blob">Name within the container.</param>
public sealed record EnrolmentImage(string Container, string Blob)
{
    private const string UploadFolder = $"{StorageNames.Uploads}/{StorageNames.Enrolments}/", TrainingFolder = $"{StorageNames.Training}/";

    /// <summary>The rule, as messages tell it.</summary>
    public const string Rule = $"Images are named {UploadFolder}JOB/FILE or {TrainingFolder}IDENTITY/FILE.";

    /// <summary>The image as messages and records name it: with the container.</summary>
    public string Name => $"{Container}/{Blob}";

    /// <summary>Whether it was uploaded to enrol the subject, and goes with the subject; images for retraining are their owner's.</summary>
    public bool IsOfSubject => Container == StorageNames.Uploads;

    /// <summary>Takes a name apart.</summary>
    /// <param name="name">The name, with the container.</param>
    /// <param name="fault">What is wrong with it; null where nothing is.</param>
    /// <returns>Null where something is wrong with it.</returns>
    public static EnrolmentImage? Parse(string? name, out string? fault)
    {
        fault = null;
        if (name is not null && name.StartsWith(UploadFolder, StringComparison.Ordinal))
            fault = UploadName.FaultOf(name[UploadFolder.Length..]);
        else if (name is not null && name.StartsWith(TrainingFolder, StringComparison.Ordinal))
            fault = TrainingFaultOf(name[TrainingFolder.Length..]);
        else
            fault = "is of another place";
        if (fault is not null)
        {
            fault = $"'{UploadName.Shown(name ?? "")}' {fault}";
            return null;
        }

        int slash = name!.IndexOf('/', StringComparison.Ordinal);
        return new EnrolmentImage(name[..slash], name[(slash + 1)..]);
    }

    /// <summary>Whether it was uploaded for a job, as no other job's images are.</summary>
    public bool IsUploadedFor(string jobId) =>
        IsOfSubject && Blob.StartsWith($"{StorageNames.Enrolments}/{jobId}/", StringComparison.Ordinal);

    private static string? TrainingFaultOf(string blob) =>
        UploadName.FaultOf(blob) ?? (blob.Count(c => c == '/') == 1 ? null : "is not the file of one identity");
}

/// <summary>Whose image a blob of <see cref="StorageNames.Training"/> is, by its name.</summary>
/// <param name="Identity">Whose face it shows.</param>
/// <param name="IsFixed">Whether it is of the fixed evaluation set.</param>
internal sealed record TrainingImageName(string Identity, bool IsFixed)
{
    private const string FixedFolder = $"{StorageNames.FixedEvaluation}/";

    /// <summary>Takes a name apart.</summary>
    /// <param name="blob">The name, within the container.</param>
    /// <param name="category">Why it is no image's; "" where it is one's.</param>
    /// <returns>Null where it is no image's.</returns>
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
