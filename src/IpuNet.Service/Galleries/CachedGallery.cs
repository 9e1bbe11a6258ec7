using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces;
using IpuNet.Faces.Gallery;
using IpuNet.Service.Storage;
using IpuNet.Service.Telemetry;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Galleries;

/// <summary>One gallery in memory as one source has embedded it, kept as its subjects in storage are.</summary>
internal sealed class CachedGallery(StorageAccount account, string name, EmbeddingSource source, int dimensions, TimeProvider time, DeletedMemory memory, ILogger logger) : IDisposable
{
    private const int Downloads = 8;
    private static readonly TimeSpan StampInterval = TimeSpan.FromSeconds(1), ListInterval = TimeSpan.FromSeconds(30), Rest = TimeSpan.FromMinutes(5);

    private readonly BlobContainerClient _galleries = account.Container(StorageNames.Galleries);
    private readonly GalleryMarkers _markers = new(account, time);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<string, string> _versions = new(StringComparer.Ordinal);

    // Subjects that are not embedded by the source.
    private readonly HashSet<string> _others = new(StringComparer.Ordinal);
    private volatile GalleryIndex? _index;
    private ETag? _stamp;
    private long? _looked, _listed;
    private long _used = time.GetTimestamp();

    /// <summary>Whether anybody of it is in memory.</summary>
    public bool IsHeld => _index is not null;

    /// <summary>Subjects that are not embedded by the source, and so are not found.</summary>
    public int Unsearchable => _others.Count;

    /// <summary>Whether nobody has searched it for a while, and the other since.</summary>
    public bool IsLeftFor(CachedGallery other) => other._used > _used && IsOver(_used, Rest);

    /// <summary>Gives its memory free, until it is searched again.</summary>
    public void Forget()
    {
        if (Interlocked.Exchange(ref _index, null) is not { } index)
            return;
        index.Clear();
        memory.Ask();
    }

    public async Task<GalleryIndex?> GetAsync(bool isUse, CancellationToken cancellation)
    {
        if (isUse)
            _used = time.GetTimestamp();
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
        ETag? stamp = (await _galleries.GetBlobClient(StorageNames.GalleryStamp(name)).FindAsync(cancellation).ConfigureAwait(false))?.ETag;
        if (_index is null || stamp != _stamp || IsOver(_listed, ListInterval))
        {
            GalleryMarker? marker = await _markers.FindAsync(name, cancellation).ConfigureAwait(false);
            if (marker is null)
            {
                Forget();
                return;
            }

            if (_index is null)
            {
                _versions.Clear();
                _others.Clear();
            }

            if (marker.Sources is { } sources && !await _markers.IsReadyAsync(name, source, cancellation).ConfigureAwait(false))
                throw new FaceDataException($"The gallery '{name}' is embedded by {string.Join(" and by ", sources)}, not by {source}: re-embed it with `ipunet gallery reembed`.");
            GalleryIndex index = _index ?? new GalleryIndex(source, dimensions);
            await ListAsync(index, isOfOneSource: marker.Sources is null, cancellation).ConfigureAwait(false);
            (_index, _stamp, _listed) = (index, stamp, looked);
            GalleryLog.CountUnsearchable(name, _others.Count);
        }

        _looked = looked;
    }

    private async Task ListAsync(GalleryIndex index, bool isOfOneSource, CancellationToken cancellation)
    {
        string folder = StorageNames.Subjects(name);
        var present = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (BlobItem blob in _galleries.GetBlobsAsync(BlobTraits.None, BlobStates.None, folder, cancellation).ConfigureAwait(false))
        {
            if (blob.Name.EndsWith(".json", StringComparison.Ordinal))
                present[blob.Name] = (blob.Properties.ETag ?? default).Text();
        }

        foreach (string gone in _versions.Keys.Except(present.Keys).ToArray())
            Remove(index, gone);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Downloads, CancellationToken = cancellation };
        var changed = present.Where(blob => !_versions.TryGetValue(blob.Key, out string? known) || known != blob.Value);
        await Parallel.ForEachAsync(changed.ToArray(), options, async (blob, stop) => await FetchAsync(index, blob.Key, isOfOneSource, stop).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task FetchAsync(GalleryIndex index, string blob, bool isOfOneSource, CancellationToken cancellation)
    {
        BlobDownloadResult? content = await _galleries.GetBlobClient(blob).TryReadAsync(cancellation).ConfigureAwait(false);
        SubjectRecord? subject = content is null ? null : Read(blob, content);
        SubjectRecord? searched = subject?.SubjectId == IdOf(blob) ? subject.Of(source) : null;
        if (isOfOneSource && subject is not null && searched is null)
            source.RequireSame(subject.Embeddings[0].Source);
        // A subject that cannot be used any more must not be found either.
        lock (_versions)
        {
            if (searched is not null)
                index.Put(searched);
            else
                Remove(index, blob);
            if (subject is not null && searched is null)
                _others.Add(blob);
            else
                _others.Remove(blob);
            if (content is not null)
                _versions[blob] = content.Details.ETag.Text();
        }

        // The index has a copy.
        subject?.Overwrite();
        DeletedMemory.Overwrite(content?.Content.ToMemory() ?? default);
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
        if (index.Remove(IdOf(blob)))
            memory.Ask();
        _others.Remove(blob);
        _versions.Remove(blob);
    }

    private string IdOf(string blob) => blob[StorageNames.Subjects(name).Length..^".json".Length];
}

/// <summary>What is logged of galleries: no subject's id.</summary>
internal static partial class GalleryLog
{
    private static readonly Gauge<int> Unsearchable = ServiceMeter.Meter.CreateGauge<int>(
        "ipunet.gallery.unsearchable", "{subject}", "Subjects of a gallery that are not embedded by the models in use, and so are not found: re-embed it.");

    public static void CountUnsearchable(string gallery, int subjects) => Unsearchable.Record(subjects, new KeyValuePair<string, object?>("gallery", gallery));

    [LoggerMessage(2, LogLevel.Warning, "The galleries in memory could not be brought up to date; that is tried again in {Pause}.")]
    public static partial void NotRenewed(ILogger logger, Exception error, TimeSpan pause);

    [LoggerMessage(1, LogLevel.Warning, "A subject of gallery {Gallery} is damaged and not searched: the one whose id has SHA-256 {IdSha256}.")]
    public static partial void Damaged(ILogger logger, string gallery, string idSha256);
}
