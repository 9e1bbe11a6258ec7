using IpuNet.Contract;
using IpuNet.Service.Galleries;
using IpuNet.Service.Queues;

namespace IpuNet.Service.Enrolment;

/// <summary>A valid enrolment job.</summary>
/// <param name="Message">The message.</param>
/// <param name="Images">The images, without duplicates.</param>
/// <param name="SentAt">When the job was sent, by the storage clock.</param>
internal sealed record EnrolmentJob(EnrolmentMessage Message, IReadOnlyList<EnrolmentImage> Images, DateTimeOffset SentAt)
{
    public string Id => Message.JobId;

    /// <exception cref="JobRefusedException">The message is invalid. Another attempt cannot help.</exception>
    public static EnrolmentJob Read(LeasedMessage message) => Read(message.Body.Span, message.SentAt);

    /// <exception cref="JobRefusedException">The message is invalid. Another attempt cannot help.</exception>
    public static EnrolmentJob Read(ReadOnlySpan<byte> json, DateTimeOffset sentAt)
    {
        EnrolmentMessage job = JobSerializer.Read<EnrolmentMessage>(json);
        if (BatchId.FaultOf(job.JobId) is { } wrongJob)
            throw new JobRefusedException("name", $"The job's id {wrongJob}. {BatchId.Rule}");
        if (GalleryName.FaultOf(job.Gallery) is { } wrongGallery)
            throw new JobRefusedException("gallery", $"The gallery's name {wrongGallery}. {GalleryName.Rule}");
        if (job.Action == EnrolmentAction.Reembed && job.SubjectId.Length > 0)
            throw new JobRefusedException("subject", "A re-embedding covers all subjects of the gallery. Leave out the subject's id.");
        if (job.Action != EnrolmentAction.Reembed && SubjectId.FaultOf(job.SubjectId) is { } wrongSubject)
            throw new JobRefusedException("subject", $"The subject's id cannot be used: {wrongSubject}. {SubjectId.Rule}");
        if (!Enum.IsDefined(job.Action))
            throw new JobRefusedException("json", "The action is unknown. Use add, replace, delete or reembed.");
        bool takesNoImages = job.Action is EnrolmentAction.Delete or EnrolmentAction.Reembed;
        if (takesNoImages ? job.Images.Count > 0 : job.Images.Count is 0 or > EnrolmentMessage.MaxImages)
            throw new JobRefusedException(
                "size",
                $"The message has {job.Images.Count} images. A deletion or a re-embedding takes none, other actions take 1 to "
                + $"{EnrolmentMessage.MaxImages}.");
        return new EnrolmentJob(job, ImagesOf(job), sentAt);
    }

    private static EnrolmentImage[] ImagesOf(EnrolmentMessage job)
    {
        List<EnrolmentImage> images = [];
        List<string> faults = [];
        for (int i = 0; i < job.Images.Count; i++)
        {
            if (EnrolmentImage.Parse(job.Images[i], out string? fault) is { } image)
                images.Add(image);
            else
                faults.Add($"Image {i + 1} of {job.Images.Count}: {fault}.");
        }

        return faults.Count == 0
            ? [.. images.Distinct()]
            : throw new JobRefusedException("name", $"{string.Join(' ', faults)} {EnrolmentImage.Rule}");
    }
}
