using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using IpuNet.Contract;
using IpuNet.Faces.Models;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Registry;

/// <summary>
/// All past contents of <c>models/current.json</c>, oldest first: <c>models/history.jsonl</c>, an append blob with one change per line. A
/// line is added only if nobody else added one meanwhile, and only once.
/// </summary>
internal sealed class ModelHistory(StorageAccount account, TimeProvider time)
{
    private readonly BlobContainerClient _models = account.Container(StorageNames.Models);

    /// <exception cref="FaceDataException">A line cannot be read.</exception>
    public async Task<IReadOnlyList<CurrentModels>> ReadAsync(CancellationToken cancellation) =>
        (await ReadWithVersionAsync(cancellation).ConfigureAwait(false)).Lines;

    /// <summary>Adds a change to the history, unless it is there. All earlier changes must be there.</summary>
    /// <exception cref="FaceDataException">A line cannot be read.</exception>
    public Task EnsureAsync(CurrentModels change, CancellationToken cancellation) => OptimisticConcurrency.RetryAsync(
        "The history of the models",
        time,
        async () =>
        {
            var (lines, version) = await ReadWithVersionAsync(cancellation).ConfigureAwait(false);
            return IsIn(lines, change) || await TryAppendAsync(change, version, cancellation).ConfigureAwait(false) ? change : null;
        },
        cancellation);

    /// <summary>Whether a history contains a change.</summary>
    public static bool IsIn(IReadOnlyList<CurrentModels> lines, CurrentModels change) =>
        lines.Count > 0 && lines[^1].Change!.Revision >= change.Change!.Revision;

    private async Task<(IReadOnlyList<CurrentModels> Lines, ETag? Version)> ReadWithVersionAsync(CancellationToken cancellation)
    {
        const string name = $"{StorageNames.Models}/{StorageNames.ModelHistory}";
        if (await _models.GetBlobClient(StorageNames.ModelHistory).TryReadAsync(cancellation).ConfigureAwait(false) is not { } blob)
            return ([], null);
        string[] lines = blob.Content.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return ([.. lines.Select((line, i) => Read(line, $"{name}, line {i + 1}"))], blob.Details.ETag);
    }

    private static CurrentModels Read(string line, string name)
    {
        var models = CurrentModels.FromJson(Encoding.UTF8.GetBytes(line), name);
        return models.Change is null ? throw new FaceDataException($"{name}: cannot be used: the line states no change.") : models;
    }

    private async Task<bool> TryAppendAsync(CurrentModels change, ETag? version, CancellationToken cancellation)
    {
        AppendBlobClient blob = _models.GetAppendBlobClient(StorageNames.ModelHistory);
        try
        {
            if (version is null)
            {
                var options = new AppendBlobCreateOptions
                {
                    Conditions = new AppendBlobRequestConditions { IfNoneMatch = ETag.All },
                    HttpHeaders = new BlobHttpHeaders { ContentType = "application/x-ndjson" },
                };
                version = (await blob.CreateAsync(options, cancellation).ConfigureAwait(false)).Value.ETag;
            }

            using var line = new MemoryStream([.. change.ToJson(), (byte)'\n']);
            var append = new AppendBlobAppendBlockOptions { Conditions = new AppendBlobRequestConditions { IfMatch = version } };
            await blob.AppendBlockAsync(line, append, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException error) when (
            error.ErrorCode == BlobErrorCode.ConditionNotMet || error.ErrorCode == BlobErrorCode.BlobAlreadyExists)
        {
            return false;
        }
    }
}
