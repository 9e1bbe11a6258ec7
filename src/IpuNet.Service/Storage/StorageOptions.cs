using System.ComponentModel.DataAnnotations;

namespace IpuNet.Service.Storage;

/// <summary>Which storage account is used, and how patiently.</summary>
/// <remarks>Configuration section <see cref="Section"/>. Either a connection string (Azurite, which has no identities) or both addresses.</remarks>
public sealed class StorageOptions : IValidatableObject
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Storage";

    /// <summary>A connection string. It holds a key, and so is for Azurite.</summary>
    /// <value>None by default. Ignored are then <see cref="BlobEndpoint"/> and <see cref="QueueEndpoint"/>.</value>
    public string? ConnectionString { get; set; }

    /// <summary>Address of the account's blobs, such as https://account.blob.core.windows.net; signed in as the managed identity or the developer.</summary>
    public Uri? BlobEndpoint { get; set; }

    /// <summary>Address of the account's queues, such as https://account.queue.core.windows.net.</summary>
    public Uri? QueueEndpoint { get; set; }

    /// <summary>Client id of the user-assigned identity; null for the system's or the developer's.</summary>
    public string? ManagedIdentityClientId { get; set; }

    /// <summary>How long one request may take until its answer begins; repeated, it may take twice as long, and then four times.</summary>
    /// <value>10 s by default.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a request is tried again that failed for a reason that passes.</summary>
    /// <value>8 by default: about 15 s in all.</value>
    [Range(0, 20)]
    public int Retries { get; set; } = 8;

    /// <summary>Middle of the time before the first repetition; it doubles from one to the next, up to 3 s.</summary>
    /// <value>0.2 s by default.</value>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrWhiteSpace(ConnectionString) && (BlobEndpoint is null || QueueEndpoint is null))
        {
            yield return new ValidationResult(
                $"No storage account is configured. Set {Section}:{nameof(BlobEndpoint)} and {Section}:{nameof(QueueEndpoint)} "
                + $"(https://ACCOUNT.blob.core.windows.net and .queue.), or {Section}:{nameof(ConnectionString)} for Azurite. "
                + $"As environment variables they are {Section}__{nameof(BlobEndpoint)} and so on.");
        }
    }
}
