using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces;
using IpuNet.Faces.Gallery;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Galleries;

/// <summary>One gallery in memory, kept as its subjects in storage are.</summary>
internal sealed class CachedGallery(
    BlobContainerClient galleries, string name, EmbeddingSource source, int dimensions, TimeProvider time, ILogger logger) : IDisposable
{
    private const int Downloads = 8;
    private static readonly TimeSpan StampInterval = TimeSpan.FromSeconds(1), ListInterval = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<string, ETag> _versions = new(StringComparer.Ordinal);
    private volatile GalleryIndex? _index;
    private ETag? _stamp;
    private long? _looked, _listed;

    /// <summary>Whether anybody of it is in memory.</summary>
    public bool IsHeld => _index is not null;

    public async Task<GalleryIndex?> GetAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (_index is null || IsOver(_looked, StampInterval))
                await RenewAsync(cancellation).ConfigureAwait(false);
            return _index;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private bool IsOver(long? since, TimeSpan interval) => since is not { } at || time.GetElapsedTime(at) >= interval;

    private async Task RenewAsync(CancellationToken cancellation)
    {
        // Both are noted before the listing: what changes during it is seen the next time.
        long looked = time.GetTimestamp();
        ETag? stamp = (await galleries.GetBlobClient(StorageNames.GalleryStamp(name)).FindAsync(cancellation).ConfigureAwait(false))?.ETag;
        if (_index is null || stamp != _stamp || IsOver(_listed, ListInterval))
        {
            if (!await galleries.GetBlobClient(StorageNames.Gallery(name)).ExistsAsync(cancellation).ConfigureAwait(false))
            {
                _index = null;
                _versions.Clear();
                return;
            }

            _index ??= new GalleryIndex(source, dimensions);
            await ListAsync(_index, cancellation).ConfigureAwait(false);
            (_stamp, _listed) = (stamp, looked);
        }

        _looked = looked;
    }

    private async Task ListAsync(GalleryIndex index, CancellationToken cancellation)
    {
        string folder = StorageNames.Subjects(name);
        var present = new Dictionary<string, ETag>(StringComparer.Ordinal);
        await foreach (BlobItem blob in galleries.GetBlobsAsync(BlobTraits.None, BlobStates.None, folder, cancellation).ConfigureAwait(false))
        {
            if (blob.Name.EndsWith(".json", StringComparison.Ordinal))
                present[blob.Name] = blob.Properties.ETag ?? default;
        }

        foreach (string gone in _versions.Keys.Except(present.Keys).ToArray())
            Remove(index, gone);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Downloads, CancellationToken = cancellation };
        var changed = present.Where(blob => !_versions.TryGetValue(blob.Key, out ETag known) || known != blob.Value);
        await Parallel.ForEachAsync(changed.ToArray(), options, async (blob, stop) => await FetchAsync(index, blob.Key, stop).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task FetchAsync(GalleryIndex index, string blob, CancellationToken cancellation)
    {
        BlobDownloadResult? content = await galleries.GetBlobClient(blob).TryReadAsync(cancellation).ConfigureAwait(false);
        SubjectRecord? subject = content is null ? null : Read(blob, content);
        // A subject that cannot be used any more must not be found either.
        lock (_versions)
        {
            if (subject is null || subject.SubjectId != IdOf(blob))
                Remove(index, blob);
            else
                index.Put(subject);
            if (content is not null)
                _versions[blob] = content.Details.ETag;
        }
    }

    private SubjectRecord? Read(string blob, BlobDownloadResult content)
    {
        try
        {
            return SubjectRecord.FromJson(content.Content, blob);
        }
        catch (FaceDataException)
        {
            GalleryLog.Damaged(logger, name, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(IdOf(blob)))));
            return null;
        }
    }

    private void Remove(GalleryIndex index, string blob)
    {
        index.Remove(IdOf(blob));
        _versions.Remove(blob);
    }

    private string IdOf(string blob) => blob[StorageNames.Subjects(name).Length..^".json".Length];
}

/// <summary>What is logged of galleries: no subject's id.</summary>
internal static partial class GalleryLog
{
    [LoggerMessage(2, LogLevel.Warning, "The galleries in memory could not be brought up to date; that is tried again in {Pause}.")]
    public static partial void NotRenewed(ILogger logger, Exception error, TimeSpan pause);

    [LoggerMessage(1, LogLevel.Warning, "A subject of gallery {Gallery} is damaged and not searched: the one whose id has SHA-256 {IdSha256}.")]
    public static partial void Damaged(ILogger logger, string gallery, string idSha256);
}
