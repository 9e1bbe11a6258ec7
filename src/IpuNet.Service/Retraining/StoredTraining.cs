using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Retraining;

/// <summary>
/// A running training in storage: its starting state and its checkpoints. With them, another machine can continue the training. Only the
/// holder of the <see cref="TrainingLease"/> may use it.
/// </summary>
public sealed class StoredTraining
{
    /// <summary>The file of the last checkpoint.</summary>
    public const string CheckpointFile = "checkpoint.safetensors";

    /// <summary>The file of the best weights so far.</summary>
    public const string BestFile = "best.safetensors";

    private static readonly string[] Files = [CheckpointFile, BestFile];

    private readonly StorageAccount _account;

    private StoredTraining(StorageAccount account, RetrainingState state) => (_account, State) = (account, state);

    /// <summary>The starting state.</summary>
    public RetrainingState State { get; }

    /// <summary>Starts a training, or continues one that has started.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="jobId">The job.</param>
    /// <param name="begin">Gives the starting state. Called only if the training has not started.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="FaceDataException">The id is not valid, or the stored state is not valid in this version.</exception>
    public static async Task<StoredTraining> OpenAsync(
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
                return new StoredTraining(account, StateOf(jobId, present, $"{StorageNames.Results}/{name}"));
            beginning ??= await begin(cancellation).ConfigureAwait(false);
            if (beginning.JobId != jobId)
                throw new ArgumentException($"The state is that of job '{beginning.JobId}'.", nameof(begin));
            if (await blob.TryCreateAsync(beginning.ToJson(), cancellation).ConfigureAwait(false))
                return new StoredTraining(account, beginning);
        }
    }

    /// <summary>
    /// Stores a file of the training: <see cref="CheckpointFile"/> or <see cref="BestFile"/>. An interrupted upload leaves the file before
    /// it.
    /// </summary>
    /// <param name="file">The path of the file. Its name is one of the two.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="ArgumentException">The file has another name.</exception>
    /// <exception cref="FaceDataException">The file is too large.</exception>
    public Task SaveCheckpointAsync(string file, CancellationToken cancellation) => BlobOf(file).UploadAsync(file, cancellation);

    /// <summary>Downloads a file of the training. The local file is complete, or unchanged if the download fails.</summary>
    /// <param name="file">
    /// The path of the file, named <see cref="CheckpointFile"/> or <see cref="BestFile"/>. A missing folder is created.
    /// </param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>False if no file is stored; nothing is written then.</returns>
    /// <exception cref="ArgumentException">The file has another name.</exception>
    /// <exception cref="FaceDataException">The file is too large or damaged.</exception>
    public Task<bool> TryLoadCheckpointAsync(string file, CancellationToken cancellation) =>
        BlobOf(file).TryDownloadAsync(file, cancellation);

    /// <summary>
    /// Removes the files of the training, once its answer is written. A job of the same id then starts from the beginning.
    /// </summary>
    public Task EndAsync(CancellationToken cancellation) => DiscardAsync(_account, State.JobId, cancellation);

    /// <summary>Removes the files of a job's training.</summary>
    /// <returns>The number of removed blobs.</returns>
    public static async Task<int> DiscardAsync(StorageAccount account, string jobId, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(account);
        int removed = 0;
        // The state is removed last: without it, the other files could not be found.
        foreach (string file in (string[])[.. Files, StorageNames.RetrainingState])
        {
            bool wasThere = await Blob(account, jobId, file).DeleteIfExistsAsync(
                DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellation).ConfigureAwait(false);
            removed += wasThere ? 1 : 0;
        }

        return removed;
    }

    /// <summary>Finds the job that a blob of <see cref="StorageNames.Results"/> belongs to.</summary>
    /// <returns>Null if the blob belongs to no training. The folder also holds other blobs.</returns>
    internal static string? JobOf(string blob) =>
        blob.Split('/') is [StorageNames.Retraining, var job, StorageNames.RetrainingState or CheckpointFile or BestFile] ? job : null;

    private static RetrainingState StateOf(string jobId, BlobDownloadResult blob, string name)
    {
        var state = RetrainingState.FromJson(blob.Content, name);
        return state.JobId == jobId ? state : throw new FaceDataException(
            $"{name} is the state of job '{UploadName.Shown(state.JobId)}'. Delete the blob; the training then starts from the beginning.");
    }

    private CheckpointBlob BlobOf(string file)
    {
        ArgumentException.ThrowIfNullOrEmpty(file);
        string name = Path.GetFileName(file);
        return Files.Contains(name)
            ? new CheckpointBlob(Blob(_account, State.JobId, name), State.StartedOn)
            : throw new ArgumentException($"A training stores {string.Join(" and ", Files)}, not '{name}'.", nameof(file));
    }

    private static BlobClient Blob(StorageAccount account, string jobId, string file) =>
        account.Container(StorageNames.Results).GetBlobClient(StorageNames.RetrainingFile(jobId, file));
}
