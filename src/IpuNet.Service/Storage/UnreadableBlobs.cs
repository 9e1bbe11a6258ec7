using Azure;
using Azure.Storage.Blobs;

namespace IpuNet.Service.Storage;

/// <summary>Storage knows a blob and does not give its content. Its message, which may be logged, does not name the blob.</summary>
internal sealed class UnreadableBlobException(BlobClient blob, Exception inner)
    : Exception("A blob is in storage, but cannot be read: its content is lost.", inner)
{
    /// <summary>Which blob, and the way out, for whoever sent it.</summary>
    public string Reason { get; } =
        $"{blob.BlobContainerName}/{blob.Name} is in storage, but cannot be read: its content is lost. Upload it again.";
}

/// <summary>Tells a blob whose content is lost from storage that is away.</summary>
internal static class UnreadableBlobs
{
    /// <summary>Reads content of a blob.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="read">Reads.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="UnreadableBlobException">It cannot be read, though storage answers about it.</exception>
    public static async Task<T> ReadingAsync<T>(this BlobClient blob, Func<Task<T>> read, CancellationToken cancellation)
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (Exception error) when (IsAboutContent(error) && !cancellation.IsCancellationRequested)
        {
            // Storage that is away does not answer this either.
            if (await blob.FindAsync(cancellation).ConfigureAwait(false) is null)
                throw;
            throw new UnreadableBlobException(blob, error);
        }
    }

    /// <summary>Whether an error may come of content that is lost. Where answers break off, the client tells of all its tries together.</summary>
    public static bool IsAboutContent(Exception error) => error switch
    {
        RequestFailedException { Status: 0 or >= 500 } or IOException or OperationCanceledException => true,
        AggregateException several => several.InnerExceptions.All(IsAboutContent),
        _ => false,
    };
}
