using Azure;
using Azure.Storage.Blobs;

namespace IpuNet.Service.Storage;

/// <summary>Storage lists a blob but cannot return its content. The message, which may be logged, does not name the blob.</summary>
internal sealed class UnreadableBlobException(BlobClient blob, Exception inner)
    : Exception("A blob exists in storage but cannot be read: its content is lost.", inner)
{
    /// <summary>The blob and the way out, for the sender.</summary>
    public string Reason { get; } =
        $"{blob.BlobContainerName}/{blob.Name} exists in storage but cannot be read: its content is lost. Upload it again.";
}

/// <summary>Distinguishes a blob whose content is lost from an outage of storage.</summary>
internal static class UnreadableBlobs
{
    /// <summary>Reads the content of a blob.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="read">Reads the content.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="UnreadableBlobException">The blob cannot be read although storage answers.</exception>
    public static async Task<T> ReadingAsync<T>(this BlobClient blob, Func<Task<T>> read, CancellationToken cancellation)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception error) when (IsAboutContent(error) && !cancellation.IsCancellationRequested)
        {
            // During an outage, storage does not answer this either.
            if (await blob.FindAsync(cancellation).ConfigureAwait(false) is null)
                throw;
            throw new UnreadableBlobException(blob, error);
        }
    }

    /// <summary>
    /// Whether an error may mean lost content. If answers break off, the client reports the errors of all its attempts together.
    /// </summary>
    public static bool IsAboutContent(Exception error) => error switch
    {
        RequestFailedException { Status: 0 or >= 500 } or IOException or OperationCanceledException => true,
        AggregateException several => several.InnerExceptions.All(IsAboutContent),
        _ => false,
    };
}
