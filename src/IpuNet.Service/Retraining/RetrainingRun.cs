using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces;
using IpuNet.Service.Intake;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Retraining;

/// <summary>
/// One training, as storage keeps it while it is under way: what it began with, and its checkpoints. So it goes on elsewhere when its
/// machine dies. Whoever uses it holds the <see cref="TrainingLease"/>.
/// </summary>
public sealed class RetrainingRun
{
    /// <summary>File of the last checkpoint.</summary>
    public const string CheckpointFile = "checkpoint.safetensors";

    /// <summary>File of the best weights so far.</summary>
    public const string BestFile = "best.safetensors";

    private static readonly string[] Files = [CheckpointFile, BestFile];

    private readonly StorageAccount _account;

    private RetrainingRun(StorageAccount account, RetrainingState state) => (_account, State) = (account, state);

    /// <summary>What it began with.</summary>
    public RetrainingState State { get; }

    /// <summary>Begins a training, or goes on with one that has begun.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="begin">Says what it begins with; called only where it has not begun.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="FaceDataException">The id cannot be one, or what is there is no state that this version knows.</exception>
    public static async Task<RetrainingRun> OpenAsync(
        StorageAccount account, string jobId, Func<CancellationToken, Task<RetrainingState>> begin, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(begin);
        if (BatchId.FaultOf(jobId) is { } fault)
            throw new FaceDataException($"The job's id {fault}. {BatchId.Rule}");
        string name = StorageNames.RetrainingFile(jobId, StorageNames.RetrainingState);
        BlobClient blob = account.Container(StorageNames.Results).GetBlobClient(name);
        RetrainingState? beginning = null;
        while (true)
        {
            if (await blob.TryReadAsync(cancellation).ConfigureAwait(false) is { } present)
                return new RetrainingRun(account, StateOf(jobId, present, $"{StorageNames.Results}/{name}"));
            beginning ??= await begin(cancellation).ConfigureAwait(false);
            if (beginning.JobId != jobId)
                throw new ArgumentException($"The state is that of job '{beginning.JobId}'.", nameof(begin));
            if (await blob.TryCreateAsync(beginning.ToJson(), cancellation).ConfigureAwait(false))
                return new RetrainingRun(account, beginning);
        }
    }

    /// <summary>
    /// Keeps a file of the training: <see cref="CheckpointFile"/> or <see cref="BestFile"/>. An upload that does not end leaves the one before.
    /// </summary>
    /// <param name="file">Path of the file, whose name is one of the two.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ArgumentException">The file has another name.</exception>
    /// <exception cref="FaceDataException">It is too long.</exception>
    public Task SaveCheckpointAsync(string file, CancellationToken cancellation) => BlobOf(file).UploadAsync(file, cancellation);

    /// <summary>Brings a file of the training here; on this machine it is there whole, or as it was before.</summary>
    /// <param name="file">Path of the file, named <see cref="CheckpointFile"/> or <see cref="BestFile"/>; its folder is made where it is missing.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>False where none was kept: then nothing is written.</returns>
    /// <exception cref="ArgumentException">The file has another name.</exception>
    /// <exception cref="FaceDataException">It is too long, or damaged.</exception>
    public Task<bool> TryLoadCheckpointAsync(string file, CancellationToken cancellation) => BlobOf(file).TryDownloadAsync(file, cancellation);

    /// <summary>Removes what is kept of the training, when its answer is written. A job of the same id then begins anew.</summary>
    public Task EndAsync(CancellationToken cancellation) => DiscardAsync(_account, State.JobId, cancellation);

    /// <summary>Removes what is kept of a job's training, whether it is open or not.</summary>
    /// <returns>How many blobs there were.</returns>
    public static async Task<int> DiscardAsync(StorageAccount account, string jobId, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(account);
        int removed = 0;
        // The state goes last: without it, nobody would know of the rest.
        foreach (string file in (string[])[.. Files, StorageNames.RetrainingState])
        {
            bool wasThere = await Blob(account, jobId, file).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellation).ConfigureAwait(false);
            removed += wasThere ? 1 : 0;
        }

        return removed;
    }

    /// <summary>The job whose training a blob of <see cref="StorageNames.Results"/> is kept of.</summary>
    /// <returns>Null where it is of none: other things are in that folder, too.</returns>
    internal static string? JobOf(string blob) => blob.Split('/') is [StorageNames.Retraining, var job, StorageNames.RetrainingState or CheckpointFile or BestFile] ? job : null;

    private static RetrainingState StateOf(string jobId, BlobDownloadResult blob, string name)
    {
        var state = RetrainingState.FromJson(blob.Content, name);
        return state.JobId == jobId ? state : throw new FaceDataException($"{name} is the state of job '{UploadName.Shown(state.JobId)}'. Delete the blob, and the training begins anew.");
    }

    private CheckpointBlob BlobOf(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        string name = Path.GetFileName(file);
        return Files.Contains(name) ? new CheckpointBlob(Blob(_account, State.JobId, name), State.StartedOn) : throw new ArgumentException($"A training keeps {string.Join(" and ", Files)}, and not '{name}'.", nameof(file));
    }

    private static BlobClient Blob(StorageAccount account, string jobId, string file) =>
        account.Container(StorageNames.Results).GetBlobClient(StorageNames.RetrainingFile(jobId, file));
}
