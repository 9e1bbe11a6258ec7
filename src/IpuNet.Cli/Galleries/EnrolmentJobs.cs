using System.Globalization;
using Azure.Storage.Blobs;
using IpuNet.Contract;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Galleries;

/// <summary>Enrolment jobs of the service, as a command sends and awaits them.</summary>
internal static class EnrolmentJobs
{
    /// <summary>Uploads the images of a job and enqueues it.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="gallery">The gallery.</param>
    /// <param name="subject">The subject's id.</param>
    /// <param name="action">What to do.</param>
    /// <param name="images">The images.</param>
    /// <param name="largest">Whether to enrol the largest face of an image with several.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The job's id.</returns>
    public static async Task<string> SendAsync(
        StorageAccount account, string gallery, string subject, EnrolmentAction action, IReadOnlyList<ImageSource> images,
        bool largest, CancellationToken cancellation)
    {
        string job = Guid.NewGuid().ToString("N");
        List<string> uploaded = [];
        foreach (ImageSource image in images)
        {
            string blob = $"{StorageNames.Enrolments}/{job}/{uploaded.Count + 1:00}{Path.GetExtension(image.Name)}";
            BlobClient upload = account.Container(StorageNames.Uploads).GetBlobClient(blob);
            await upload.UploadAsync(new BinaryData(await image.Read(cancellation)), cancellation);
            uploaded.Add($"{StorageNames.Uploads}/{blob}");
        }

        await Jobs.Queue(account, StorageNames.Enrolments).SendAsync(
            new EnrolmentMessage
            {
                JobId = job,
                Gallery = gallery,
                SubjectId = subject,
                Action = action,
                Largest = largest,
                Images = uploaded,
            },
            cancellation);
        return job;
    }

    /// <summary>Enqueues a job that re-embeds a gallery.</summary>
    /// <returns>The job's id.</returns>
    public static async Task<string> SendReembeddingAsync(
        StorageAccount account, string gallery, bool leaveBehind, CancellationToken cancellation)
    {
        string job = Guid.NewGuid().ToString("N");
        await Jobs.Queue(account, StorageNames.Enrolments).SendAsync(
            new EnrolmentMessage { JobId = job, Gallery = gallery, Action = EnrolmentAction.Reembed, LeaveBehind = leaveBehind },
            cancellation);
        return job;
    }

    /// <summary>Waits for the answer to a job.</summary>
    public static async Task<EnrolmentAnswer> AnswerAsync(StorageAccount account, string job, CancellationToken cancellation)
    {
        string name = StorageNames.EnrolmentAnswer(job);
        return EnrolmentAnswer.FromJson(await Jobs.AnswerAsync(account, name, cancellation), $"{StorageNames.Results}/{name}");
    }
}

/// <summary>What became of an image of an enrolment.</summary>
/// <param name="SubjectId">The subject.</param>
/// <param name="Image">The answer.</param>
/// <param name="WasThere">Whether the image's face was enrolled before, so that nothing was added; false if that is not known.</param>
internal sealed record EnrolledFile(string SubjectId, EnrolledImage Image, bool WasThere = false);

/// <summary>The answers to an enrolment as a table.</summary>
internal static class EnrolmentTable
{
    public static ReportTable Of(IEnumerable<EnrolledFile> answers)
    {
        var table = new ReportTable(
            "Enrolment",
            new("Image"), new("Subject"), new("Answer"), new("Face px", Numeric: true), new("Sharpness", Numeric: true), new("Reason"));
        foreach (var (subject, image, wasThere) in answers)
        {
            table.Add(
                image.Image, subject, wasThere ? "enrolled already" : image.Accepted ? "accepted" : "refused",
                Text(image.Quality?.FaceHeight), Text(image.Quality?.Sharpness), image.Reason ?? "");
        }

        return table;
    }

    private static string Text(float? value) => value?.ToString("0", CultureInfo.InvariantCulture) ?? "";
}
