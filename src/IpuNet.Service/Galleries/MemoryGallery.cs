using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Galleries;

/// <summary>One gallery in memory with the embeddings of one source. It follows the changes in storage.</summary>
internal sealed class MemoryGallery(
    StorageAccount account, string name, EmbeddingSource source, int dimensions, TimeProvider time, DeletedMemory memory,
    ILogger logger) : IDisposable
{
    private const int Downloads = 8;
    private static readonly TimeSpan StampInterval = TimeSpan.FromSeconds(1), ListInterval = TimeSpan.FromSeconds(30),
    Rest = TimeSpan.FromMinutes(5);

    private readonly BlobContainerClient _galleries = account.Container(StorageNames.Galleries);
    private readonly GalleryMarkers _markers = new(account, time);
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<string, string> _versions = new(StringComparer.Ordinal);

    // Subjects without an embedding of the source.
    private readonly HashSet<string> _others = new(StringComparer.Ordinal);
    private readonly HashSet<string> _damaged = new(StringComparer.Ordinal);
    private volatile GalleryIndex? _index;
    private ETag? _stamp;
    private long? _looked, _listed;
    private long _used = time.GetTimestamp();

    /// <summary>Whether the gallery is in memory.</summary>
    public bool IsHeld => _index is not null;

    /// <summary>Number of subjects without an embedding of the source. A search does not find them.</summary>
    public int Unsearchable => _others.Count;

    /// <summary>Number of damaged subjects. A search does not find them.</summary>
    public int Damaged => _damaged.Count;

    /// <summary>Whether searches have moved on to the other gallery, and none has used this one for five minutes.</summary>
    public bool IsLeftFor(MemoryGallery other) => other._used > _used && IsOver(_used, Rest);

    /// <summary>Removes the gallery from memory until the next search.</summary>
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
        // The time and the stamp are taken before the listing. So a change during the listing is seen the next time.
        long looked = time.GetTimestamp();
        ETag? stamp = (await _galleries.GetBlobClient(StorageNames.GalleryStamp(name)).FindAsync(cancellation).ConfigureAwait(false))?.ETag;
        if (_index is null || stamp != _stamp || IsOver(_listed, ListInterval))
        {
            GalleryRules? rules = await _markers.FindAsync(name, cancellation).ConfigureAwait(false);
            if (rules is null)
            {
                Forget();
                return;
            }

            if (_index is null)
            {
                _versions.Clear();
                _others.Clear();
                _damaged.Clear();
            }

            if (rules.Sources is not null && !await _markers.IsReadyAsync(name, source, cancellation).ConfigureAwait(false))
                throw Refusal(rules);
            GalleryIndex index = _index ?? new GalleryIndex(source, dimensions);
            await ListAsync(index, cancellation).ConfigureAwait(false);
            if (rules.Sources is null && index.SubjectCount == 0 && _others.Count > 0)
                throw Refusal(rules);
            (_index, _stamp, _listed) = (index, stamp, looked);
            GalleryLog.Count(name, _others.Count, _damaged.Count);
        }

        _looked = looked;
    }

    private FaceDataException Refusal(GalleryRules rules) => rules.RefusalOf($"The gallery '{name}'", source, GalleryMarkers.Remedy);

    private async Task ListAsync(GalleryIndex index, CancellationToken cancellation)
    {
        string folder = StorageNames.Subjects(name);
        var present = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (
            BlobItem blob in _galleries.GetBlobsAsync(BlobTraits.None, BlobStates.None, folder, cancellation).ConfigureAwait(false))
        {
            if (SubjectBlobs.IsSubject(blob.Name))
                present[blob.Name] = (blob.Properties.ETag ?? default).Text();
        }

        foreach (string gone in _versions.Keys.Except(present.Keys).ToArray())
            Remove(index, gone);
        var options = new ParallelOptions { MaxDegreeOfParallelism = Downloads, CancellationToken = cancellation };
        var changed = present.Where(blob => !_versions.TryGetValue(blob.Key, out string? known) || known != blob.Value);
        await Parallel.ForEachAsync(
            changed.ToArray(), options,
            async (blob, stop) => await FetchAsync(index, blob.Key, stop).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task FetchAsync(GalleryIndex index, string blob, CancellationToken cancellation)
    {
        StoredSubject? stored = await _galleries.GetBlobClient(blob).TryReadSubjectAsync(cancellation).ConfigureAwait(false);
        SubjectRecord? searched = stored?.Record?.Of(source);
        lock (_versions)
        {
            bool isFound = searched is not null && IsPut(index, searched);
            // A subject that has become unusable must not be found with its old embeddings.
            if (!isFound)
                Remove(index, blob);
            bool isDamaged = stored is not null && !isFound && (stored.Damage is not null || searched is not null);
            Note(_damaged, isDamaged);
            Note(_others, stored is not null && !isFound && !isDamaged);
            if (stored is not null)
                _versions[blob] = stored.Version.Text();
            if (isDamaged)
                GalleryLog.Damaged(
                    logger, name, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(SubjectBlobs.IdOf(blob)))));
        }

        // The index has a copy of the vectors, so this one is overwritten.
        stored?.Record?.Overwrite();

        void Note(HashSet<string> subjects, bool isOne) => _ = isOne ? subjects.Add(blob) : subjects.Remove(blob);
    }

    // One unusable subject must not keep the others from being found.
    private static bool IsPut(GalleryIndex index, SubjectRecord subject)
    {
        try
        {
            index.Put(subject);
            return true;
        }
        catch (FaceDataException)
        {
            return false;
        }
    }

    private void Remove(GalleryIndex index, string blob)
    {
        if (index.Remove(SubjectBlobs.IdOf(blob)))
            memory.Ask();
        _others.Remove(blob);
        _damaged.Remove(blob);
        _versions.Remove(blob);
    }
}
