using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces;
using IpuNet.Service.Intake;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Messages;

/// <summary>The answers to jobs of one kind: of each job one, which an earlier sending of it does not replace.</summary>
/// <param name="account">The storage account.</param>
/// <param name="time">The time.</param>
/// <param name="nameOf">Name of the blob of a job's answer, in <see cref="StorageNames.Results"/>.</param>
/// <param name="parse">Reads an answer, of a name for errors; throws <see cref="FaceDataException"/> where it is none.</param>
/// <param name="isOf">Whether an answer is the last word on a job as it was sent then, or later.</param>
internal sealed class JobAnswers<T>(
    StorageAccount account, TimeProvider time, Func<string, string> nameOf, Func<BinaryData, string, T> parse, Func<T, DateTimeOffset, bool> isOf)
    where T : class
{
    /// <returns>Null where there is none that can be read.</returns>
    public async Task<T?> FindAsync(string jobId, CancellationToken cancellation) => Read(await BlobOf(jobId).TryReadAsync(cancellation).ConfigureAwait(false));

    /// <summary>Writes an answer, unless there is the last word on the job as it was sent then or later.</summary>
    /// <returns>The answer that is there now.</returns>
    public Task<T> WriteAsync(string jobId, DateTimeOffset sentAt, T answer, byte[] json, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(jobId);
        return Contention.RepeatAsync(
            $"The answer {jobId}",
            time,
            async () =>
            {
                BlobDownloadResult? present = await blob.TryReadAsync(cancellation).ConfigureAwait(false);
                if (Read(present) is { } other && isOf(other, sentAt))
                    return other;
                return await blob.TryReplaceAsync(json, present?.Details.ETag, cancellation).ConfigureAwait(false) is null ? null : answer;
            },
            cancellation);
    }

    /// <summary>Writes an answer where there is none: to a message that cannot be told to be the same job.</summary>
    /// <returns>False where there is one, and stays as it is.</returns>
    public Task<bool> TryCreateAsync(string jobId, byte[] json, CancellationToken cancellation) => BlobOf(jobId).TryCreateAsync(json, cancellation);

    /// <summary>The id of a message's job, whatever else is wrong with the message.</summary>
    /// <param name="json">The message, UTF-8.</param>
    /// <returns>Null where it has none that an answer could be named by.</returns>
    public static string? IdOf(ReadOnlyMemory<byte> json) => JobSerializer.JobIdOf(json.Span) is { } id && BatchId.FaultOf(id) is null ? id : null;

    private BlobClient BlobOf(string jobId) => account.Container(StorageNames.Results).GetBlobClient(nameOf(jobId));

    private T? Read(BlobDownloadResult? blob)
    {
        try
        {
            return blob is null ? null : parse(blob.Content, "The answer");
        }
        catch (FaceDataException)
        {
            return null;
        }
    }
}
