using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Azure.Storage.Blobs;
using IpuNet.Contract;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Queues;

/// <summary>Stores messages that are too large for a queue in blobs, named by their content.</summary>
internal sealed class LargeMessages(StorageAccount account)
{
    /// <summary>
    /// The maximum size of a stored message, in bytes. A message with the most images, the longest names and all characters escaped needs a
    /// fifth of it.
    /// </summary>
    public const int MaxBytes = 1 << 20;

    private const string Prefix = StorageNames.Results + "/";
    private readonly BlobContainerClient _results = account.Container(StorageNames.Results);

    /// <summary>Stores a message.</summary>
    /// <returns>The reference for the queue.</returns>
    public async Task<MessageReference> StoreAsync(string batch, byte[] json, CancellationToken cancellation)
    {
        string name = StorageNames.LargeMessage(batch, Convert.ToHexStringLower(SHA256.HashData(json)));

        // An existing blob has the same content, because its name is the hash.
        await _results.GetBlobClient(name).TryCreateAsync(json, cancellation).ConfigureAwait(false);
        return new MessageReference { Reference = Prefix + name };
    }

    /// <summary>Returns the message itself, or the stored message that it refers to.</summary>
    /// <exception cref="JobRefusedException">The reference is invalid, or its blob is missing, too large or changed.</exception>
    public async Task<byte[]> OpenAsync(byte[] json, CancellationToken cancellation) =>
        JobSerializer.IsReference(json)
            ? await ResolveAsync(JobSerializer.Read<MessageReference>(json), cancellation).ConfigureAwait(false)
            : json;

    private async Task<byte[]> ResolveAsync(MessageReference reference, CancellationToken cancellation)
    {
        byte[] json = await ReadAsync(_results.GetBlobClient(reference.Reference[Prefix.Length..]), cancellation).ConfigureAwait(false);
        return Convert.ToHexStringLower(SHA256.HashData(json)) == Path.GetFileNameWithoutExtension(reference.Reference)
            ? json
            : throw new JobRefusedException(
                "reference", "The blob that the message refers to was changed: its SHA-256 differs from its name. Send the job again.");
    }

    private static async Task<byte[]> ReadAsync(BlobClient blob, CancellationToken cancellation)
    {
        try
        {
            return (await blob.TryReadAsync(MaxBytes, cancellation).ConfigureAwait(false))?.Content
                ?? throw new JobRefusedException("reference", "The blob that the message refers to does not exist. Send the job again.");
        }
        catch (FaceDataException error)
        {
            throw new JobRefusedException(
                "size",
                $"The blob that the message refers to cannot be read: {error.Message}. Send the job again in smaller parts.", error);
        }
    }
}

/// <summary>The encoding of messages in a queue: base64 of UTF-8.</summary>
internal static class WireMessage
{
    /// <summary>The maximum size of a message, in bytes. In base64 it takes 64 KiB, the limit of a queue.</summary>
    public const int MaxBytes = 48 << 10;

    /// <summary>The maximum length of an encoded message, in characters.</summary>
    public const int MaxWireLength = 64 << 10;

    /// <summary>A message's time to live. Without it, storage drops a message after a week.</summary>
    public static readonly TimeSpan Forever = TimeSpan.FromSeconds(-1);

    public static string Encode(ReadOnlySpan<byte> json) => Convert.ToBase64String(json);

    /// <summary>Decodes a message; null if the text is not base64.</summary>
    public static byte[]? Decode(string wire)
    {
        var bytes = new byte[wire.Length];
        return Convert.TryFromBase64String(wire, bytes, out int written) ? bytes[..written] : null;
    }

    /// <summary>The text of a message for people; the encoded form if the message is not text.</summary>
    public static string Show(string wire) => Decode(wire) is { } bytes && Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : wire;
}
