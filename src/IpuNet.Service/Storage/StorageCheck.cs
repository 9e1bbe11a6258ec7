using Azure;
using IpuNet.Contract;

namespace IpuNet.Service.Storage;

/// <summary>Checks, at the start, everything in storage that would otherwise make every job fail.</summary>
public static class StorageCheck
{
    // The local cloud answers with this status before its disk is full.
    private const int NoRoom = 507;

    /// <summary>Checks that the account can be reached, grants access, and has all containers and queues.</summary>
    /// <exception cref="FaceDataException">A check failed. The message says what to do.</exception>
    public static async Task RequireAsync(StorageAccount account, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(account);
        try
        {
            List<string> missing = [];
            foreach (string container in StorageNames.Containers)
            {
                if (!await account.Container(container).ExistsAsync(cancellation).ConfigureAwait(false))
                    missing.Add($"container '{container}'");
            }

            foreach (string queue in StorageNames.Queues.SelectMany(queue => (string[])[queue, queue + StorageNames.PoisonSuffix]))
            {
                if (!await account.Queue(queue).ExistsAsync(cancellation).ConfigureAwait(false))
                    missing.Add($"queue '{queue}'");
            }

            if (missing.Count > 0)
                throw new FaceDataException(
                    $"The storage account at {account.Address} lacks {string.Join(", ", missing)}. Deploy the infrastructure; locally, "
                    + "`ipunet up` creates them.");
        }
        catch (Exception error) when (error is not FaceDataException && Describe(error, account) is { } description)
        {
            throw new FaceDataException(description, error);
        }
    }

    /// <summary>Whether an error means that storage is unreachable or overloaded, which is temporary.</summary>
    public static bool IsUnavailable(Exception error) => error switch
    {
        RequestFailedException { Status: 0 or 408 or 429 or >= 500 } or HttpRequestException or HttpIOException => true,
        // A download fails like this if its answer broke off each time.
        AggregateException { InnerExceptions: { Count: > 0 } all } =>
            all.All(one => one is OperationCanceledException or IOException || IsUnavailable(one)),
        _ => false,
    };

    /// <summary>Describes a storage error for the owner of the account; null if the error has another cause.</summary>
    public static string? Describe(Exception error, StorageAccount account)
    {
        ArgumentNullException.ThrowIfNull(account);
        return error switch
        {
            RequestFailedException { Status: 401 or 403 } refused =>
                $"The storage account at {account.Address} refuses access ({refused.ErrorCode}). Give this identity the roles Storage "
                + "Blob Data Contributor and Storage Queue Data Contributor there; with a connection string, check its key.",
            RequestFailedException { Status: NoRoom } =>
                $"The storage account at {account.Address} has no room. {error.Message.Split('\n')[0]}",
            RequestFailedException { Status: >= 300 } answered when IsUnavailable(error) =>
                $"The storage account at {account.Address} cannot answer now ({answered.Status} {answered.ErrorCode}). Try again "
                + "later.",
            // The caller may have cancelled the request before.
            _ when IsUnavailable(error) || error is OperationCanceledException { InnerException: not null } =>
                $"The storage account at {account.Address} cannot be reached: {CauseOf(error)}. Check the address and the network; "
                + "locally, is `ipunet up` running?",
            Azure.Identity.AuthenticationFailedException =>
                $"No identity to sign in to {account.Address} with: {error.Message.Split('\n')[0]} In Azure, give the app a "
                + "managed identity; elsewhere, sign in with `az login`.",
            _ => null,
        };
    }

    private static string CauseOf(Exception error) =>
        (error is AggregateException all ? all.InnerExceptions[^1] : error).Message.Split('\n')[0].TrimEnd().TrimEnd('.');
}
