using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Registry;

/// <summary>
/// The models in storage and the record of which are in use. Versions never change. <c>models/current.json</c> is written only if nobody
/// else changed it meanwhile. It carries its last change, which is added to the history before the next change is made. So the history
/// never lacks more than the last change, and <c>current.json</c> has that one, whatever process dies.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="time">The clock.</param>
public sealed class ModelRegistry(StorageAccount account, TimeProvider time)
{
    private const string CurrentPath = $"{StorageNames.Models}/{StorageNames.CurrentModels}";
    private const int NotModified = 304, NotFound = 404;

    private readonly PublishedModels _published = new(account);
    private readonly ModelHistory _history = new(account, time);

    /// <summary>Lists the ids of all versions, sorted by name, then by version.</summary>
    public Task<IReadOnlyList<string>> IdsAsync(CancellationToken cancellation) => _published.IdsAsync(cancellation);

    /// <summary>The version number for the next model of a name.</summary>
    public Task<int> NextVersionAsync(string name, CancellationToken cancellation) => _published.NextVersionAsync(name, cancellation);

    /// <summary>Finds the manifest of a version.</summary>
    /// <returns>Null if there is no model of that id.</returns>
    /// <exception cref="FaceDataException">The id is not valid, or the manifest cannot be used.</exception>
    public Task<ModelManifest?> FindAsync(string id, CancellationToken cancellation) => _published.FindAsync(id, cancellation);

    /// <summary>Downloads a version into memory. <see cref="InstalledModel.ReadVerified"/> checks it.</summary>
    /// <exception cref="FaceDataException">The version does not exist or cannot be used.</exception>
    public Task<InstalledModel> DownloadAsync(string id, CancellationToken cancellation) => _published.DownloadAsync(id, cancellation);

    /// <summary>Adds a version without putting it in use. Publishing the same version again changes nothing.</summary>
    /// <param name="manifest">The manifest; the SHA-256 is filled in.</param>
    /// <param name="model">The ONNX file.</param>
    /// <param name="cancellation">Cancels the operation. An incomplete version does not count and may be published again.</param>
    /// <returns>The stored manifest.</returns>
    /// <exception cref="FaceDataException">The id is not valid, or the version exists with other content.</exception>
    public Task<ModelManifest> PublishAsync(ModelManifest manifest, ReadOnlyMemory<byte> model, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return _published.PublishAsync(manifest, model, cancellation);
    }

    /// <summary>Reads which models are in use.</summary>
    /// <returns>Null if storage names no models. Workers then use their own.</returns>
    /// <exception cref="FaceDataException">The file <c>current.json</c> cannot be used.</exception>
    public async Task<CurrentModels?> CurrentAsync(CancellationToken cancellation) =>
        (await ReadCurrentAsync(cancellation).ConfigureAwait(false))?.Models;

    /// <summary>Reads which models are in use, if that has changed.</summary>
    /// <param name="seen">The last state that was read; null for none.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns><paramref name="seen"/> itself if nothing has changed; null if storage names no models.</returns>
    /// <exception cref="FaceDataException">The file <c>current.json</c> cannot be used.</exception>
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

    /// <summary>Reads all changes of the models in use, oldest first. Each entry holds the models after the change.</summary>
    /// <exception cref="FaceDataException">A line cannot be read.</exception>
    public async Task<IReadOnlyList<CurrentModels>> HistoryAsync(CancellationToken cancellation)
    {
        CurrentModels? current = await CurrentAsync(cancellation).ConfigureAwait(false);
        IReadOnlyList<CurrentModels> lines = await _history.ReadAsync(cancellation).ConfigureAwait(false);
        // The process that made the last change may have died before it wrote the line.
        return current?.Change is null || ModelHistory.IsIn(lines, current) ? lines : [.. lines, current];
    }

    /// <summary>Puts versions in use, each in place of the one of its kind. If they are in use already, nothing changes.</summary>
    /// <param name="ids">The versions, at most one of each kind.</param>
    /// <param name="request">The requester, the reason and the condition.</param>
    /// <param name="cancellation">Cancels the operation; the change may be made already.</param>
    /// <returns>The models in use.</returns>
    /// <exception cref="FaceDataException">
    /// A version does not exist or does not fit the others, or the condition does not hold. Nothing changed.
    /// </exception>
    /// <exception cref="IOException">Others changed the models each time.</exception>
    public async Task<CurrentModels> PromoteAsync(IReadOnlyList<string> ids, ModelChangeRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentOutOfRangeException.ThrowIfZero(ids.Count, nameof(ids));
        List<ModelManifest> manifests = [];
        foreach (string id in ids)
        {
            InstalledModel model = await _published.DownloadAsync(id, cancellation).ConfigureAwait(false);
            _ = model.ReadVerified();
            if (manifests.Find(other => other.Kind == model.Manifest.Kind) is { } other)
                throw new FaceDataException($"{other.Id} and {id} are both of the kind '{other.Kind}'. Promote only one of them.");
            manifests.Add(model.Manifest);
        }

        return await ChangeAsync(
            request,
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

    /// <summary>
    /// Puts the models in use that were in use before the last promotion, or those of another revision. A second call goes back by two.
    /// </summary>
    /// <param name="request">The requester, the reason and the condition.</param>
    /// <param name="revision">The revision to restore; null for the one before.</param>
    /// <param name="cancellation">Cancels the operation; the change may be made already.</param>
    /// <returns>The models in use.</returns>
    /// <exception cref="FaceDataException">The revision does not exist, or the condition does not hold. Nothing changed.</exception>
    /// <exception cref="IOException">Others changed the models each time.</exception>
    public Task<CurrentModels> RollbackAsync(ModelChangeRequest request, int? revision, CancellationToken cancellation) => ChangeAsync(
        request,
        async current =>
        {
            IReadOnlyList<CurrentModels> history = await HistoryAsync(cancellation).ConfigureAwait(false);
            int target = revision ?? (current.Change is null ? 0 : Standing(current)) - 1;
            if (target < 0)
                throw new FaceDataException("There is no promotion to roll back.");
            CurrentModels? former = target == 0 ? new CurrentModels() : history.FirstOrDefault(models => models.Change!.Revision == target);
            if (former is null)
                throw new FaceDataException(
                    $"There is no revision {target} of the models in use. `ipunet registry history` lists the revisions.");
            return (former, ModelChangeKind.Rollback, former.Change is null ? 0 : Standing(former));
        },
        cancellation);

    // The effective revision: after a rollback, the restored one.
    private static int Standing(CurrentModels models) => models.Change!.Restores ?? models.Change.Revision;

    private async Task<CurrentModels> ChangeAsync(
        ModelChangeRequest request, Func<CurrentModels, Task<(CurrentModels Models, ModelChangeKind Kind, int? Restores)?>> change,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        var id = Guid.NewGuid();
        CurrentModels changed = await OptimisticConcurrency.RetryAsync(
            "What models are in use",
            time,
            async () =>
            {
                SeenModels? seen = await ReadCurrentAsync(cancellation).ConfigureAwait(false);
                CurrentModels present = seen?.Models ?? new();
                // The write may have succeeded although its answer was lost.
                if (present.Change?.Id == id)
                    return present;
                int revision = present.Change?.Revision ?? await LastRevisionAsync(cancellation).ConfigureAwait(false);
                if (request.IfRevision is { } expected && expected != revision)
                    throw new FaceDataException(
                        $"The models in use are now at revision {revision}, not {expected}. Check them and decide again.");
                if (present.Change is not null)
                    await _history.EnsureAsync(present, cancellation).ConfigureAwait(false);
                if (await change(present).ConfigureAwait(false) is not var (models, kind, restores))
                    return present;
                CurrentModels next = models with
                {
                    Change = new(revision + 1, id, kind, time.GetUtcNow(), request.By, request.Reason, restores),
                };
                return await CurrentBlob.TryReplaceAsync(
                    next.ToJson(), seen?.Version, cancellation).ConfigureAwait(false) is null ? null : next;
            },
            cancellation).ConfigureAwait(false);
        if (changed.Change is not null)
            await _history.EnsureAsync(changed, cancellation).ConfigureAwait(false);
        return changed;
    }

    // If somebody removed current.json or wrote it by hand, the count continues from the history.
    private async Task<int> LastRevisionAsync(CancellationToken cancellation) =>
        (await _history.ReadAsync(cancellation).ConfigureAwait(false)) is [.., var last] ? last.Change!.Revision : 0;

    // For a kind that storage does not name, each worker uses its own model.
    private async Task RequireFitAsync(CurrentModels models, CancellationToken cancellation)
    {
        if (models.Enhancer is not { } enhancer)
            return;
        ModelManifest manifest = await _published.RequireAsync(enhancer, cancellation).ConfigureAwait(false);
        // A published version never changes, so new measurements need a new version.
        if (models.Recogniser is { } recogniser)
            manifest.RequirePolicy(recogniser);
        else if (manifest.Policies is null or [])
            throw new FaceDataException(
                $"The manifest of {enhancer} has no recognition policy, so it has no threshold for a match. Measure it with `ipunet "
                + "evaluate --write-policy` and publish it as a new version.");
    }

    private async Task<SeenModels?> ReadCurrentAsync(CancellationToken cancellation) =>
        await CurrentBlob.TryReadAsync(cancellation).ConfigureAwait(false) is { } blob
            ? new SeenModels(Read(blob), blob.Details.ETag)
            : null;

    private static CurrentModels Read(BlobDownloadResult blob) => CurrentModels.FromJson(blob.Content, CurrentPath);

    private BlobClient CurrentBlob => account.Container(StorageNames.Models).GetBlobClient(StorageNames.CurrentModels);
}
