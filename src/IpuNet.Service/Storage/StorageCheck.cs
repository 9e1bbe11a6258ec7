using Azure;
using IpuNet.Faces;

namespace IpuNet.Service.Storage;

/// <summary>Finds out at the start what would else make every job fail.</summary>
public static class StorageCheck
{
    // What the local cloud answers before its disk is full.
    private const int NoRoom = 507;

    /// <summary>Makes sure that the account is reachable, lets this process in, and has all containers and queues.</summary>
    /// <exception cref="FaceDataException">It is not, does not or has not; the message says what to do.</exception>
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
                throw new FaceDataException($"The storage account at {account.Address} lacks {string.Join(", ", missing)}. Deploy the infrastructure, or let `ipunet up` make them locally.");
        }
        catch (Exception error) when (error is not FaceDataException && Describe(error, account) is { } description)
        {
            throw new FaceDataException(description, error);
        }
    }

    /// <summary>Whether an error says that storage is away or overloaded, which passes.</summary>
    public static bool IsUnavailable(Exception error) => error switch
    {
        RequestFailedException { Status: 0 or 408 or 429 or >= 500 } or HttpRequestException or HttpIOException => true,
        // So a download ends whose answer broke off each time.
        AggregateException { InnerExceptions: { Count: > 0 } all } =>
            all.All(one => one is OperationCanceledException or IOException || IsUnavailable(one)),
        _ => false,
    };

    /// <summary>What an error of storage means for whoever set the account up; null where it is not about that.</summary>
    public static string? Describe(Exception error, StorageAccount account)
    {
        ArgumentNullException.ThrowIfNull(account);
        return error switch
        {
            RequestFailedException { Status: 401 or 403 } refused =>
                $"The storage account at {account.Address} refuses access ({refused.ErrorCode}). Give this identity the roles Storage Blob Data Contributor and "
                + "Storage Queue Data Contributor there; with a connection string, check its key.",
            RequestFailedException { Status: NoRoom } => $"The storage account at {account.Address} has no room. {error.Message.Split('\n')[0]}",
            RequestFailedException { Status: >= 300 } answered when IsUnavailable(error) =>
                $"The storage account at {account.Address} cannot answer at present ({answered.Status} {answered.ErrorCode}). Try again later.",
            // Whoever asked may have given up before.
            _ when IsUnavailable(error) || error is OperationCanceledException { InnerException: not null } =>
                $"The storage account at {account.Address} cannot be reached: {CauseOf(error)}. Check the address and the network; locally, is `ipunet up` running?",
            Azure.Identity.AuthenticationFailedException =>
                $"There is no identity to sign in to {account.Address} with: {error.Message.Split('\n')[0]} In Azure, give the app a managed identity; elsewhere, sign in with `az login`.",
            _ => null,
        };
    }

    private static string CauseOf(Exception error) =>
        (error is AggregateException all ? all.InnerExceptions[^1] : error).Message.Split('\n')[0].TrimEnd().TrimEnd('.');
}
