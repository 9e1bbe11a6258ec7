using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Queues;

/// <summary>
/// Stores the answers to jobs of one kind, one per job. The answer to an earlier sending never replaces the answer to a later one.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="time">The clock.</param>
/// <param name="nameOf">Gives the blob name of a job's answer, in <see cref="StorageNames.Results"/>.</param>
/// <param name="parse">
/// Reads an answer; the text is its name for errors. Throws <see cref="FaceDataException"/> if the answer is not valid.
/// </param>
/// <param name="isOf">Whether an answer is final for a job that was sent at the given time.</param>
internal sealed class JobAnswers<T>(
    StorageAccount account, TimeProvider time, Func<string, string> nameOf, Func<BinaryData, string, T> parse,
    Func<T, DateTimeOffset, bool> isOf)
    where T : class
{
    /// <returns>Null if there is no readable answer.</returns>
    public async Task<T?> FindAsync(string jobId, CancellationToken cancellation) =>
        Read(await BlobOf(jobId).TryReadAsync(cancellation).ConfigureAwait(false));

    /// <summary>Writes an answer, unless a final one exists for the job as it was sent then or later.</summary>
    /// <returns>The answer that is stored now.</returns>
    public Task<T> WriteAsync(string jobId, DateTimeOffset sentAt, T answer, byte[] json, CancellationToken cancellation)
    {
        BlobClient blob = BlobOf(jobId);
        return OptimisticConcurrency.RetryAsync(
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

    /// <summary>Writes an answer if the job has none. Used for a message that cannot be shown to be the same job.</summary>
    /// <returns>False if the job has an answer, which stays.</returns>
    public Task<bool> TryCreateAsync(string jobId, byte[] json, CancellationToken cancellation) =>
        BlobOf(jobId).TryCreateAsync(json, cancellation);

    /// <summary>The id of a message's job, even if the rest of the message is invalid.</summary>
    /// <param name="json">The message, UTF-8.</param>
    /// <returns>Null if there is no id that can name an answer.</returns>
    public static string? IdOf(ReadOnlyMemory<byte> json) =>
        JobSerializer.JobIdOf(json.Span) is { } id && BatchId.FaultOf(id) is null ? id : null;

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
