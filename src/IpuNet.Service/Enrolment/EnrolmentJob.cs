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
