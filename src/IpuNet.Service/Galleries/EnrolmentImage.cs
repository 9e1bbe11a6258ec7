using IpuNet.Service.Intake;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Galleries;

/// <summary>An image that a subject is enrolled from. What a message or a subject's record names is not trusted: only these places are read.</summary>
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
    public bool IsUploadedFor(string jobId) => IsOfSubject && Blob.StartsWith($"{StorageNames.Enrolments}/{jobId}/", StringComparison.Ordinal);

    private static string? TrainingFaultOf(string blob) =>
        UploadName.FaultOf(blob) ?? (blob.Count(c => c == '/') == 1 ? null : "is not the file of one identity");
}
