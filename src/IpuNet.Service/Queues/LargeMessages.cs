using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using IpuNet.Faces;
using IpuNet.Service.Messages;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Queues;

/// <summary>Keeps messages that are too large for a queue in blobs, named by their content.</summary>
internal sealed partial class LargeMessages(StorageAccount account)
{
    /// <summary>Most bytes that are read. As many images as a message may have, with the longest names and all characters escaped, are a fifth of it.</summary>
    public const int MaxBytes = 1 << 20;

    private const string Prefix = StorageNames.Results + "/";
    private readonly BlobContainerClient _results = account.Container(StorageNames.Results);

    /// <summary>Keeps a message.</summary>
    /// <returns>What stands for it in the queue.</returns>
    public async Task<MessageReference> StoreAsync(string batch, byte[] json, CancellationToken cancellation)
    {
        string name = StorageNames.LargeMessage(batch, Convert.ToHexStringLower(SHA256.HashData(json)));

        // Where it is there, it was sent before, and its name says that it is the same.
        await _results.GetBlobClient(name).TryCreateAsync(json, cancellation).ConfigureAwait(false);
        return new MessageReference { Reference = Prefix + name };
    }

    /// <summary>The message itself: what is given, or what that stands for.</summary>
    /// <exception cref="JobRefusedException">It stands for no such blob, or the blob is not there, too long or another.</exception>
    public async Task<byte[]> OpenAsync(byte[] json, CancellationToken cancellation) =>
        JobSerializer.IsReference(json) ? await ResolveAsync(JobSerializer.Read<MessageReference>(json), cancellation).ConfigureAwait(false) : json;

    private async Task<byte[]> ResolveAsync(MessageReference reference, CancellationToken cancellation)
    {
        // What a message says is not trusted: nothing but a message is read on its behalf.
        if (ReferencePattern().Match(reference.Reference) is not { Success: true } match)
            throw new JobRefusedException("reference", $"The message stands for a blob that is no message: its reference has to be like {Prefix}BATCH/messages/SHA256.json.");
        byte[] json = await ReadAsync(_results.GetBlobClient(reference.Reference[Prefix.Length..]), cancellation).ConfigureAwait(false);
        return Convert.ToHexStringLower(SHA256.HashData(json)) == match.Groups["sha256"].Value
            ? json
            : throw new JobRefusedException("reference", "The blob that the message stands for was changed: its SHA-256 is not that of its name. Send the job again.");
    }

    private static async Task<byte[]> ReadAsync(BlobClient blob, CancellationToken cancellation)
    {
        try
        {
            return (await blob.TryReadAsync(MaxBytes, cancellation).ConfigureAwait(false))?.Content
                ?? throw new JobRefusedException("reference", "The blob that the message stands for is not there. Send the job again.");
        }
        catch (FaceDataException error)
        {
            throw new JobRefusedException("size", $"The message stands for a blob that is no message: {error.Message}. Send the job again in smaller parts.", error);
        }
    }

    [GeneratedRegex(@"\Aresults/[^/\\]{1,128}/messages/(?<sha256>[0-9a-f]{64})\.json\z", RegexOptions.CultureInvariant)]
    private static partial Regex ReferencePattern();
}
