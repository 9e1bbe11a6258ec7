using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces;
using IpuNet.Faces.Models;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Registry;

/// <summary>
/// The models in storage, and which of them are in use. Versions never change. <c>models/current.json</c> is changed under the condition
/// that nobody changed it meanwhile, and it carries its last change, which is brought into the history before the next change is made:
/// whoever dies when, the history lacks at most the last change, and that one is in <c>current.json</c>.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="time">The time.</param>
public sealed class ModelRegistry(StorageAccount account, TimeProvider time)
{
    private const string CurrentPath = $"{StorageNames.Models}/{StorageNames.CurrentModels}";
    private const int NotModified = 304, NotFound = 404;

    private readonly PublishedModels _published = new(account);
    private readonly ModelHistory _history = new(account, time);

    /// <summary>Ids of all versions, by name, then by version.</summary>
    public Task<IReadOnlyList<string>> IdsAsync(CancellationToken cancellation) => _published.IdsAsync(cancellation);

    /// <summary>The version that a new model of a name gets.</summary>
    public Task<int> NextVersionAsync(string name, CancellationToken cancellation) => _published.NextVersionAsync(name, cancellation);

    /// <summary>What is known of a version.</summary>
    /// <returns>Null where there is none of that id.</returns>
    /// <exception cref="FaceDataException">The id cannot be one, or the manifest cannot be used.</exception>
    public Task<ModelManifest?> FindAsync(string id, CancellationToken cancellation) => _published.FindAsync(id, cancellation);

    /// <summary>Downloads a version into memory; <see cref="InstalledModel.ReadVerified"/> checks it.</summary>
    /// <exception cref="FaceDataException">There is no such version, or it cannot be used.</exception>
    public Task<InstalledModel> DownloadAsync(string id, CancellationToken cancellation) => _published.DownloadAsync(id, cancellation);

    /// <summary>Adds a version; publishing the very same once more changes nothing. It is not in use yet.</summary>
    /// <param name="manifest">What is known of it; the SHA-256 is filled in.</param>
    /// <param name="model">The ONNX file.</param>
    /// <param name="cancellation">Gives up; what was begun is not there, and may be published again.</param>
    /// <returns>The manifest as it is there.</returns>
    /// <exception cref="FaceDataException">The id cannot be one, or the version is there already with other content.</exception>
    public Task<ModelManifest> PublishAsync(ModelManifest manifest, ReadOnlyMemory<byte> model, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return _published.PublishAsync(manifest, model, cancellation);
    }

    /// <summary>The models in use.</summary>
    /// <returns>Null where storage says nothing, and workers use those that they were given.</returns>
    /// <exception cref="FaceDataException">What it says cannot be used.</exception>
    public async Task<CurrentModels?> CurrentAsync(CancellationToken cancellation) => (await ReadCurrentAsync(cancellation).ConfigureAwait(false))?.Models;

    /// <summary>The models in use; they are downloaded where they are others than were seen.</summary>
    /// <param name="seen">What was seen last; null for nothing.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns><paramref name="seen"/> itself where nothing has changed; null where storage says nothing.</returns>
    /// <exception cref="FaceDataException">What it says cannot be used.</exception>
    public async Task<SeenModels?> CurrentSinceAsync(SeenModels? seen, CancellationToken cancellation)
    {
        try
        {
            var options = new BlobDownloadOptions { Conditions = seen is null ? null : new() { IfNoneMatch = seen.Version } };
            Response<BlobDownloadResult> read = await CurrentBlob.DownloadContentAsync(options, cancellation).ConfigureAwait(false);
            return read.GetRawResponse().Status == NotModified ? seen : new SeenModels(Read(read.Value), read.Value.Details.ETag);
        }
        catch (RequestFailedException error) when (error.Status is NotModified or NotFound)
        {
            return error.Status == NotModified ? seen : null;
        }
    }

    /// <summary>All changes of the models in use, oldest first: each as the models were after it.</summary>
    /// <exception cref="FaceDataException">A line cannot be read.</exception>
    public async Task<IReadOnlyList<CurrentModels>> HistoryAsync(CancellationToken cancellation)
    {
        CurrentModels? current = await CurrentAsync(cancellation).ConfigureAwait(false);
        IReadOnlyList<CurrentModels> lines = await _history.ReadAsync(cancellation).ConfigureAwait(false);
        // Whoever made the last change may have died before its line was written.
        return current?.Change is null || ModelHistory.IsIn(lines, current) ? lines : [.. lines, current];
    }

    /// <summary>Puts versions in use, each in place of the one of its kind. Where they are in use already, nothing changes.</summary>
    /// <param name="ids">The versions, of each kind one at most.</param>
    /// <param name="wish">Who wants it, why, and under which condition.</param>
    /// <param name="cancellation">Gives up; the change may have been made then.</param>
    /// <returns>The models in use.</returns>
    /// <exception cref="FaceDataException">A version is not there or cannot be used with the others, or the condition does not hold; nothing changed.</exception>
    /// <exception cref="IOException">Others changed the models all the time.</exception>
    public async Task<CurrentModels> PromoteAsync(IReadOnlyList<string> ids, ModelWish wish, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentOutOfRangeException.ThrowIfZero(ids.Count, nameof(ids));
        List<ModelManifest> manifests = [];
        foreach (string id in ids)
        {
            InstalledModel model = await _published.DownloadAsync(id, cancellation).ConfigureAwait(false);
            _ = model.ReadVerified();
            if (manifests.Find(other => other.Kind == model.Manifest.Kind) is { } other)
                throw new FaceDataException($"{other.Id} and {id} are of one kind, '{other.Kind}', and only one of them can be in use.");
            manifests.Add(model.Manifest);
        }

        return await ChangeAsync(
            wish,
            async current =>
            {
                CurrentModels promoted = manifests.Aggregate(current, (models, manifest) => models.With(manifest.Kind, manifest.Id));
                if (promoted == current)
                    return null;
                await RequireFitAsync(promoted, cancellation).ConfigureAwait(false);
                return (promoted, ModelChangeKind.Promote, null);
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>Puts the models in use again that were before the last promotion, or another revision's. Done twice, it goes back by two.</summary>
    /// <param name="wish">Who wants it, why, and under which condition.</param>
    /// <param name="revision">The revision whose models are wanted; null for the one before.</param>
    /// <param name="cancellation">Gives up; the change may have been made then.</param>
    /// <returns>The models in use.</returns>
    /// <exception cref="FaceDataException">There is no such revision, or the condition does not hold; nothing changed.</exception>
    /// <exception cref="IOException">Others changed the models all the time.</exception>
    public Task<CurrentModels> RollbackAsync(ModelWish wish, int? revision, CancellationToken cancellation) => ChangeAsync(
        wish,
        async current =>
        {
            IReadOnlyList<CurrentModels> history = await HistoryAsync(cancellation).ConfigureAwait(false);
            int target = revision ?? (current.Change is null ? 0 : Standing(current)) - 1;
            if (target < 0)
                throw new FaceDataException("Nothing was promoted that could be rolled back.");
            CurrentModels? former = target == 0 ? new CurrentModels() : history.FirstOrDefault(models => models.Change!.Revision == target);
            if (former is null)
                throw new FaceDataException($"There is no revision {target} of the models in use. `ipunet models history` names those that there are.");
            return (former, ModelChangeKind.Rollback, former.Change is null ? 0 : Standing(former));
        },
        cancellation);

    // The revision that is in effect: after a rollback, the one that it went back to.
    private static int Standing(CurrentModels models) => models.Change!.Restores ?? models.Change.Revision;

    private async Task<CurrentModels> ChangeAsync(
        ModelWish wish, Func<CurrentModels, Task<(CurrentModels Models, ModelChangeKind Kind, int? Restores)?>> change, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(wish);
        var id = Guid.NewGuid();
        CurrentModels changed = await Contention.RepeatAsync(
            "What models are in use",
            time,
            async () =>
            {
                SeenModels? seen = await ReadCurrentAsync(cancellation).ConfigureAwait(false);
                CurrentModels present = seen?.Models ?? new();
                // A write whose answer got lost was made all the same.
                if (present.Change?.Id == id)
                    return present;
                int revision = present.Change?.Revision ?? await LastRevisionAsync(cancellation).ConfigureAwait(false);
                if (wish.IfRevision is { } expected && expected != revision)
                    throw new FaceDataException($"The models in use are of revision {revision} by now, not {expected}: look at them, and decide again.");
                if (present.Change is not null)
                    await _history.EnsureAsync(present, cancellation).ConfigureAwait(false);
                if (await change(present).ConfigureAwait(false) is not var (models, kind, restores))
                    return present;
                CurrentModels next = models with { Change = new(revision + 1, id, kind, time.GetUtcNow(), wish.By, wish.Reason, restores) };
                return await CurrentBlob.TryReplaceAsync(next.ToJson(), seen?.Version, cancellation).ConfigureAwait(false) is null ? null : next;
            },
            cancellation).ConfigureAwait(false);
        if (changed.Change is not null)
            await _history.EnsureAsync(changed, cancellation).ConfigureAwait(false);
        return changed;
    }

    // Where somebody removed current.json, or wrote it by hand, counting goes on.
    private async Task<int> LastRevisionAsync(CancellationToken cancellation) =>
        (await _history.ReadAsync(cancellation).ConfigureAwait(false)) is [.., var last] ? last.Change!.Revision : 0;

    // Of a kind that storage says nothing of, each worker knows its own.
    private async Task RequireFitAsync(CurrentModels models, CancellationToken cancellation)
    {
        if (models.Enhancer is not { } enhancer)
            return;
        ModelManifest manifest = await _published.RequireAsync(enhancer, cancellation).ConfigureAwait(false);
        // What is published never changes: with more measured, it is a new version.
        if (models.Recogniser is { } recogniser)
            manifest.RequirePolicy(recogniser);
        else if (manifest.Policies is null or [])
            throw new FaceDataException($"The manifest of {enhancer} has no recognition policy, so no threshold for a match is known. Measure it with `ipunet evaluate --write-policy`, and publish it as a new version.");
    }

    private async Task<SeenModels?> ReadCurrentAsync(CancellationToken cancellation) =>
        await CurrentBlob.TryReadAsync(cancellation).ConfigureAwait(false) is { } blob ? new SeenModels(Read(blob), blob.Details.ETag) : null;

    private static CurrentModels Read(BlobDownloadResult blob) => CurrentModels.FromJson(blob.Content, CurrentPath);

    private BlobClient CurrentBlob => account.Container(StorageNames.Models).GetBlobClient(StorageNames.CurrentModels);
}
