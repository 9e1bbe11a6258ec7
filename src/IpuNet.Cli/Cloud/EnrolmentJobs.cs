using IpuNet.Faces.Pipeline;
using IpuNet.Service.Enrolment;
using IpuNet.Service.Messages;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Cloud;

/// <summary>Changes of galleries, as a command asks the service for them.</summary>
internal static class EnrolmentJobs
{
    /// <summary>Uploads the images of a job and puts it into the queue.</summary>
    /// <returns>The job's id.</returns>
    public static async Task<string> SendAsync(
        StorageAccount account, string gallery, string subject, EnrolmentAction action, IReadOnlyList<ImageSource> images, CancellationToken cancellation)
    {
        string job = Guid.NewGuid().ToString("N");
        List<string> uploaded = [];
        foreach (ImageSource image in images)
        {
            string blob = $"{StorageNames.Enrolments}/{job}/{uploaded.Count + 1:00}{Path.GetExtension(image.Name)}";
            await account.Container(StorageNames.Uploads).GetBlobClient(blob).UploadAsync(new BinaryData(await image.Read(cancellation)), cancellation);
            uploaded.Add($"{StorageNames.Uploads}/{blob}");
        }

        await Jobs.Queue(account, StorageNames.Enrolments).SendAsync(
            new EnrolmentMessage { JobId = job, Gallery = gallery, SubjectId = subject, Action = action, Images = uploaded }, cancellation);
        return job;
    }

    /// <summary>Puts a job into the queue that has a gallery re-embedded.</summary>
    /// <returns>The job's id.</returns>
    public static async Task<string> SendReembeddingAsync(StorageAccount account, string gallery, bool leaveBehind, CancellationToken cancellation)
    {
        string job = Guid.NewGuid().ToString("N");
        await Jobs.Queue(account, StorageNames.Enrolments).SendAsync(
            new EnrolmentMessage { JobId = job, Gallery = gallery, Action = EnrolmentAction.Reembed, LeaveBehind = leaveBehind }, cancellation);
        return job;
    }

    /// <summary>Waits for the answer to a job.</summary>
    public static async Task<EnrolmentAnswer> AnswerAsync(StorageAccount account, string job, CancellationToken cancellation)
    {
        string name = StorageNames.EnrolmentAnswer(job);
        return EnrolmentAnswer.FromJson(await Jobs.AnswerAsync(account, name, cancellation), $"{StorageNames.Results}/{name}");
    }
}
