using Azure;
using Azure.Storage.Blobs.Models;

namespace IpuNet.Service.Retraining;

/// <summary>An image for a training, as a listing of the container has it.</summary>
/// <param name="Name">Whose it is.</param>
/// <param name="Blob">Its name in storage.</param>
/// <param name="Length">Length in bytes.</param>
/// <param name="ETag">Its version.</param>
/// <param name="Md5">MD5 of its content; null where storage has none.</param>
internal sealed record ListedImage(TrainingImageName Name, string Blob, long Length, ETag ETag, byte[]? Md5)
{
    /// <summary>The version as the index has it.</summary>
    public string Version => ETag.ToString("H");

    public static ListedImage Of(TrainingImageName name, BlobItem blob) =>
        new(name, blob.Name, blob.Properties.ContentLength ?? 0, blob.Properties.ETag ?? default, blob.Properties.ContentHash is { Length: > 0 } md5 ? md5 : null);
}
