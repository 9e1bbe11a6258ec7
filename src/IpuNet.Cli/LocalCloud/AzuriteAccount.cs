using System.Security.Cryptography;

namespace IpuNet.Cli.LocalCloud;

/// <summary>A storage account of Azurite's, with a key that is made up at each start and written nowhere by Azurite.</summary>
/// <param name="Name">3 to 24 lower-case letters and digits.</param>
/// <param name="Key">Base64.</param>
internal sealed record AzuriteAccount(string Name, string Key)
{
    private const int KeyBytes = 32;

    public static AzuriteAccount New(string name) => new(name, Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)));

    public string ConnectionString(int blobPort, int queuePort) =>
        $"DefaultEndpointsProtocol=http;AccountName={Name};AccountKey={Key};"
        + $"BlobEndpoint=http://{AzuriteProcess.Host}:{blobPort}/{Name};QueueEndpoint=http://{AzuriteProcess.Host}:{queuePort}/{Name}";
}
