using Azure;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Recognition;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Intake;

/// <summary>The results that the intake itself gives: of archives, and of uploads that are refused.</summary>
internal sealed class UploadResults(StorageAccount account)
{
    private readonly ResultStore _results = new(account);

    /// <summary>Whether this version of the upload has a result.</summary>
    public async Task<bool> HasAsync(UploadName name, ETag upload, CancellationToken cancellation) =>
        await _results.FindAsync(name, cancellation).ConfigureAwait(false) is { } result && result.IsOf(upload);

    /// <summary>Writes an image's refusal.</summary>
    public Task RejectAsync(UploadName name, ETag upload, string reason, CancellationToken cancellation)
    {
        var answer = new ImageAnswer
        {
            BatchId = name.Batch,
            Image = name.Image,
            Status = ImageStatus.Rejected,
            Reason = reason,
            Models = null,
            Faces = [],
        };
        return WriteAsync(name, new ResultMetadata(upload.ToString(), answer.Status), answer.ToJson(), cancellation);
    }

    /// <summary>Writes what became of an archive.</summary>
    public Task WriteAsync(UploadName name, ETag upload, ArchiveAnswer answer, CancellationToken cancellation) =>
        WriteAsync(
            name,
            new ResultMetadata(upload.ToString(), answer.Status) { Refused = answer.Entries.Refused.Count },
            answer.ToJson(),
            cancellation);

    // Where a later version of the upload has its result already, nothing is left to say.
    private async Task WriteAsync(UploadName name, ResultMetadata metadata, byte[] json, CancellationToken cancellation) =>
        _ = await _results.TryWriteAsync(name, json, metadata, former: null, replacing: null, cancellation).ConfigureAwait(false);
}
