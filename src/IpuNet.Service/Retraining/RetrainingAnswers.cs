using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Retraining;

/// <summary>The answers to retrainings, and the pages about them, in storage.</summary>
/// <param name="account">The storage account.</param>
/// <param name="time">The time.</param>
public sealed class RetrainingAnswers(StorageAccount account, TimeProvider time)
{
    /// <summary>The answer to a job.</summary>
    /// <returns>Null where there is none that can be read.</returns>
    public async Task<RetrainingAnswer?> FindAsync(string jobId, CancellationToken cancellation) =>
        Read(await BlobOf(StorageNames.RetrainingAnswer(jobId)).TryReadAsync(cancellation).ConfigureAwait(false));

    /// <summary>
    /// Whether an answer is the last word on a job as it was sent then, or later. One to a message that could not be read, or that failed, is
    /// not: the job may have been sent again from poison.
    /// </summary>
    public static bool IsOf(RetrainingAnswer answer, DateTimeOffset sentAt)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return answer is { Experiment: not null, Status: not RetrainingStatus.Failed } && answer.SentAt >= sentAt;
    }

    /// <summary>Writes an answer, unless there is the last word on the job as it was sent then or later.</summary>
    /// <returns>The answer that is there now.</returns>
    public Task<RetrainingAnswer> WriteAsync(RetrainingAnswer answer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(answer);
        BlobClient blob = BlobOf(StorageNames.RetrainingAnswer(answer.JobId));
        return Contention.RepeatAsync(
            $"The answer {answer.JobId}",
            time,
            async () =>
            {
                BlobDownloadResult? present = await blob.TryReadAsync(cancellation).ConfigureAwait(false);
                if (Read(present) is { } other && IsOf(other, answer.SentAt))
                    return other;
                return await blob.TryReplaceAsync(answer.ToJson(), present?.Details.ETag, cancellation).ConfigureAwait(false) is null ? null : answer;
            },
            cancellation);
    }

    /// <summary>Writes an answer where there is none: to a message that cannot be told to be the same job.</summary>
    /// <returns>False where there is one, and stays as it is.</returns>
    public Task<bool> TryCreateAsync(RetrainingAnswer answer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return BlobOf(StorageNames.RetrainingAnswer(answer.JobId)).TryCreateAsync(answer.ToJson(), cancellation);
    }

    /// <summary>Writes the page about a job, in place of one that is there.</summary>
    public Task WriteReportAsync(string jobId, string html, CancellationToken cancellation)
    {
        var options = new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "text/html; charset=utf-8" } };
        return BlobOf(StorageNames.RetrainingReport(jobId)).UploadAsync(new BinaryData(Encoding.UTF8.GetBytes(html)), options, cancellation);
    }

    private BlobClient BlobOf(string name) => account.Container(StorageNames.Results).GetBlobClient(name);

    private static RetrainingAnswer? Read(BlobDownloadResult? blob)
    {
        try
        {
            return blob is null ? null : RetrainingAnswer.FromJson(blob.Content, "The answer");
        }
        catch (FaceDataException)
        {
            return null;
        }
    }
}
