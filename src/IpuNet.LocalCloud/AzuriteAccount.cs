using System.Security.Cryptography;

namespace IpuNet.LocalCloud;

/// <summary>A storage account of Azurite's, with a key that is made up at each start and written nowhere by Azurite.</summary>
/// <param name="Name">3 to 24 lower-case letters and digits.</param>
/// <param name="Key">Base64.</param>
public sealed record AzuriteAccount(string Name, string Key)
{
    private const int KeyBytes = 32;

    /// <summary>An account with a new key.</summary>
    public static AzuriteAccount New(string name) => new(name, Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)));

    /// <summary>How to reach it.</summary>
    /// <param name="blobPort">Port of the blobs.</param>
    /// <param name="queuePort">Port of the queues.</param>
    public string ConnectionString(int blobPort, int queuePort) =>
        $"DefaultEndpointsProtocol=http;AccountName={Name};AccountKey={Key};"
        + $"BlobEndpoint=http://{AzuriteProcess.Host}:{blobPort}/{Name};QueueEndpoint=http://{AzuriteProcess.Host}:{queuePort}/{Name}";
}
