using System.ComponentModel.DataAnnotations;
using Azure.Core;
using Azure.Identity;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Storage;

/// <summary>Registers the storage account.</summary>
public static class StorageServices
{
    /// <summary>
    /// Adds <see cref="StorageAccount"/>, configured by the section <see cref="StorageOptions.Section"/>. An invalid section stops the host
    /// at its start.
    /// </summary>
    public static IServiceCollection AddIpuNetStorage(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        services.AddOptions<StorageOptions>().Bind(configuration.GetSection(StorageOptions.Section))
            .ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new StorageAccount(
            provider.GetRequiredService<IOptions<StorageOptions>>().Value, provider.GetService<ILogger<StorageAccount>>()));
        return services;
    }
}

/// <summary>The storage account and the retry settings.</summary>
/// <remarks>
/// Configuration section <see cref="Section"/>. Set either the connection string (Azurite, which has no identities) or both addresses.
/// </remarks>
public sealed class StorageOptions : IValidatableObject
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Storage";

    /// <summary>The connection string. It contains a key, so use it for Azurite only.</summary>
    /// <value>None by default. If set, <see cref="BlobEndpoint"/> and <see cref="QueueEndpoint"/> are ignored.</value>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// The address of the account's blobs, such as https://account.blob.core.windows.net. The program signs in as the managed identity or
    /// as the developer.
    /// </summary>
    public Uri? BlobEndpoint { get; set; }

    /// <summary>The address of the account's queues, such as https://account.queue.core.windows.net.</summary>
    public Uri? QueueEndpoint { get; set; }

    /// <summary>The client id of the user-assigned identity; null for the system-assigned identity or the developer.</summary>
    public string? ManagedIdentityClientId { get; set; }

    /// <summary>
    /// The time limit of a request, until its answer begins. The first retry gets twice this time, later ones four times.
    /// </summary>
    /// <value>10 s by default; 0.1 s to 5 min.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The number of retries after a temporary failure.</summary>
    /// <value>8 by default, about 15 s in all; 0 to 20.</value>
    [Range(0, 20)]
    public int Retries { get; set; } = 8;

    /// <summary>The average pause before the first retry. It doubles from retry to retry, up to 3 s.</summary>
    /// <value>0.2 s by default; 0.01 s to 10 s.</value>
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

/// <summary>The program's identity in Azure.</summary>
internal static class ServiceIdentity
{
    /// <summary>Returns the managed identity if there is one, otherwise the signed-in developer.</summary>
    /// <param name="clientId">The client id of the user-assigned identity; null for the system-assigned one.</param>
    public static TokenCredential Of(string? clientId) => new DefaultAzureCredential(
        new DefaultAzureCredentialOptions { ManagedIdentityClientId = clientId, Diagnostics = { IsTelemetryEnabled = false } });
}
