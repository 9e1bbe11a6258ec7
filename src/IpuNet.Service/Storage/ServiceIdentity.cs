using Azure.Core;
using Azure.Identity;

namespace IpuNet.Service.Storage;

/// <summary>Who a program is to Azure.</summary>
internal static class ServiceIdentity
{
    /// <summary>The managed identity where there is one, else the developer who is signed in.</summary>
    /// <param name="clientId">Client id of the user-assigned identity; null for the system's.</param>
    public static TokenCredential Of(string? clientId) => new DefaultAzureCredential(
        new DefaultAzureCredentialOptions { ManagedIdentityClientId = clientId, Diagnostics = { IsTelemetryEnabled = false } });
}
