using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Queues;
using IpuNet.Service.Recognition;
using IpuNet.Service.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Intake;

/// <summary>
/// Turns uploads into messages. The caller that notices uploads calls it for each one, any number of times. An upload with an invalid name,
/// format or length gets its answer at once.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="faceBatches">The queue for images to be recognised.</param>
/// <param name="poison">Receives uploads whose names cannot be result names.</param>
/// <param name="limits">The limits of an upload.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Logs refusals.</param>
public sealed class UploadIntake(
    StorageAccount account,
    [FromKeyedServices(StorageNames.FaceBatches)] JobQueue faceBatches,
    PoisonLog poison,
    UploadLimits limits,
    TimeProvider time,
    ILogger<UploadIntake> logger)
{
    private const int PreconditionFailed = 412;

    private readonly BlobContainerClient _uploads = account.Container(StorageNames.Uploads);
    private readonly UploadResults _results = new(account);
    private readonly ArchiveIntake _archives = new(account, limits);

    /// <summary>Handles an upload. Afterwards it has a result, is in a message that leads to one, or is in poison with a reason.</summary>
    /// <param name="blobName">The upload's name within <see cref="StorageNames.Uploads"/>.</param>
    /// <param name="cancellation">Cancels the operation; the upload must be handled again.</param>
    /// <exception cref="RequestFailedException">Storage cannot be used. The upload must be handled again.</exception>
    public async Task HandleAsync(string blobName, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(blobName);
        switch (FateOf(blobName))
        {
            case PoisonFate poisoned:
                await PoisonAsync(blobName, "name", poisoned.Fault, cancellation).ConfigureAwait(false);
                break;
            case OpenFate open:
                await HandleAsync(open.Name, cancellation).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>Decides what becomes of a blob. Whoever notices uploads asks this, and nothing else decides it.</summary>
    /// <param name="blobName">The blob's name within <see cref="StorageNames.Uploads"/>.</param>
    /// <param name="bytes">The length in bytes; null if it is not known.</param>
    /// <param name="metadata">The metadata; null if they are not known.</param>
    internal UploadFate FateOf(string blobName, long? bytes = null, IDictionary<string, string>? metadata = null)
    {
        if (StorageNames.ReservedBatches.Contains(blobName.Split('/')[0]) || (metadata is not null && ArchiveIntake.IsUnpacked(metadata)))
            return new NoFate();
        if (UploadName.Parse(blobName, out string? fault) is not { } name)
            return new PoisonFate(fault!);
        if (bytes is not { } length || metadata is null)
            return new OpenFate(name);
        bool isArchive = UploadName.IsArchive(name.File);
        long most = isArchive ? limits.MaxArchiveBytes : limits.MaxImageBytes;
        UploadRequest? request = UploadRequest.From(metadata, out string? wrongRequest);
        if (length == 0)
            return new RefusedFate(name, UploadKind.Empty);
        if (length > most)
            return new RefusedFate(name, UploadKind.TooLong(length, most));
        if (request is null)
            return new RefusedFate(name, new UploadFault("wish", wrongRequest!));
        return isArchive || !ImageFiles.HasImageExtension(name.File)
            ? new ContentFate(name, request)
            : new MessageFate(MessageOf(name, request, [name.Image]));
    }

    /// <summary>Sends a message with one upload or several.</summary>
    internal async Task SendAsync(FaceBatchMessage message, CancellationToken cancellation)
    {
        await faceBatches.SendAsync(message, cancellation).ConfigureAwait(false);
        IntakeMetrics.Taken(message.Images.Count);
    }

    /// <summary>Puts an upload into poison because every attempt to handle it failed.</summary>
    /// <param name="blobName">The upload's name within <see cref="StorageNames.Uploads"/>.</param>
    /// <param name="fault">The reason, without a full stop.</param>
    /// <param name="cancellation">Cancels the operation; the upload must be handled again.</param>
    public Task GiveUpAsync(string blobName, string fault, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(blobName);
        return PoisonAsync(blobName, "error", fault, cancellation);
    }

    // If the upload is replaced during handling, the new version is handled too.
    private async Task HandleAsync(UploadName name, CancellationToken cancellation)
    {
        while (await _uploads.GetBlobClient(name.Blob).FindAsync(cancellation).ConfigureAwait(false) is { } upload)
        {
            try
            {
                UploadFate fate = FateOf(name.Blob, upload.ContentLength, upload.Metadata);
                await HandleAsync(fate, upload.ETag, cancellation).ConfigureAwait(false);
                return;
            }
            catch (RequestFailedException replaced) when (
                replaced.Status == PreconditionFailed || replaced.ErrorCode == BlobErrorCode.BlobNotFound)
            {
                logger.Replaced(name.Batch);
            }
        }
    }

    private Task HandleAsync(UploadFate fate, ETag version, CancellationToken cancellation) => fate switch
    {
        // The worker checks whether there is a result.
        MessageFate sent => SendAsync(sent.Message with { IsNew = true }, cancellation),
        RefusedFate refused => AnswerAsync(
            refused.Name, version, () => RefuseAsync(refused.Name, version, refused.Fault, cancellation), cancellation),
        ContentFate { Name: var name, Request: var request } when UploadName.IsArchive(name.File) => AnswerAsync(
            name, version, () => UnpackAsync(name, version, request, cancellation), cancellation),
        ContentFate { Name: var name, Request: var request } => HandleAsync(name, version, request, cancellation),
        _ => Task.CompletedTask,
    };

    // A file of another format gets its answer without a worker.
    private async Task HandleAsync(UploadName name, ETag version, UploadRequest request, CancellationToken cancellation)
    {
        byte[] start = await StartOfAsync(name, version, cancellation).ConfigureAwait(false);
        UploadFate fate = UploadKind.WrongFormat(start) is { } fault
            ? new RefusedFate(name, fault)
            : new MessageFate(MessageOf(name, request, [name.Image]));
        await HandleAsync(fate, version, cancellation).ConfigureAwait(false);
    }

    private async Task AnswerAsync(UploadName name, ETag version, Func<Task> answer, CancellationToken cancellation)
    {
        if (!await _results.HasAsync(name, version, cancellation).ConfigureAwait(false))
            await answer().ConfigureAwait(false);
        await AskForReportAsync(name, cancellation).ConfigureAwait(false);
    }

    private async Task RefuseAsync(UploadName name, ETag version, UploadFault fault, CancellationToken cancellation)
    {
        IntakeMetrics.Refused("upload", fault.Category);
        logger.Refused(name.Batch);
        await _results.RejectAsync(name, version, fault.Reason, cancellation).ConfigureAwait(false);
    }

    private async Task UnpackAsync(UploadName name, ETag version, UploadRequest request, CancellationToken cancellation)
    {
        var (answer, images) = await _archives.UnpackAsync(name, version, request, cancellation).ConfigureAwait(false);
        foreach (string[] some in images.Chunk(FaceBatchMessage.MaxImages))
            await faceBatches.SendAsync(MessageOf(name, request, some) with { IsNew = true }, cancellation).ConfigureAwait(false);
        if (answer.Entries.Accepted == 0)
            IntakeMetrics.Refused("upload", "archive");
        else
            IntakeMetrics.Taken();
        logger.Unpacked(name.Batch, answer.Entries.Accepted, answer.Entries.Refused.Count);
        await _results.WriteAsync(name, version, answer, cancellation).ConfigureAwait(false);
    }

    private async Task<byte[]> StartOfAsync(UploadName name, ETag version, CancellationToken cancellation)
    {
        var options = new BlobDownloadOptions
        {
            Range = new HttpRange(0, ImageDecoder.FormatLength),
            Conditions = new BlobRequestConditions { IfMatch = version },
        };
        Response<BlobDownloadResult> start = await _uploads.GetBlobClient(name.Blob).DownloadContentAsync(options, cancellation)
            .ConfigureAwait(false);
        return start.Value.Content.ToArray();
    }

    private static FaceBatchMessage MessageOf(UploadName name, UploadRequest request, IReadOnlyList<string> images) =>
        new() { BatchId = name.Batch, Gallery = request.Gallery, Images = images, Faces = request.Faces };

    // The batch's report must include the results that the intake writes. Workers write reports, one for many results, and a queued message
    // survives the end of this process.
    private Task AskForReportAsync(UploadName name, CancellationToken cancellation) =>
        faceBatches.SendAsync(MessageOf(name, new UploadRequest(UploadRequest.DefaultGallery, FaceDetectionMode.Auto), []), cancellation);

    private Task PoisonAsync(string blobName, string category, string fault, CancellationToken cancellation) => poison.AddAsync(
        new PoisonEntry
        {
            Queue = StorageNames.Uploads,
            MessageId = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(blobName))),
            Category = category,
            Reason = $"{StorageNames.Uploads}/{UploadName.Shown(blobName)}: {fault}.",
            PoisonedOn = time.GetUtcNow(),
            Body = blobName,
        },
        cancellation);
}

/// <summary>Writes the results that the intake gives: for archives and for refused uploads.</summary>
internal sealed class UploadResults(StorageAccount account)
{
    private readonly ResultStore _results = new(account);

    /// <summary>Whether this version of the upload has a result.</summary>
    public async Task<bool> HasAsync(UploadName name, ETag upload, CancellationToken cancellation) =>
        await _results.FindAsync(name, cancellation).ConfigureAwait(false) is { } result && result.IsOf(upload);

    /// <summary>Writes the result of a refused image.</summary>
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

    /// <summary>Writes the result of an archive.</summary>
    public Task WriteAsync(UploadName name, ETag upload, ArchiveAnswer answer, CancellationToken cancellation) =>
        WriteAsync(
            name,
            new ResultMetadata(upload.ToString(), answer.Status) { Refused = answer.Entries.Refused.Count },
            answer.ToJson(),
            cancellation);

    // If a later version of the upload already has a result, this result is dropped.
    private async Task WriteAsync(UploadName name, ResultMetadata metadata, byte[] json, CancellationToken cancellation) =>
        _ = await _results.TryWriteAsync(name, json, metadata, former: null, replacing: null, cancellation).ConfigureAwait(false);
}
