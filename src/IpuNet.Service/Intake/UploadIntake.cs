using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Messages;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IpuNet.Service.Intake;

/// <summary>
/// Makes messages of uploads. It is called for each upload by whatever notices uploads, any number of times; what is wrong with an
/// upload's name, kind or length is answered at once.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="faceBatches">Where images go that are to be recognised.</param>
/// <param name="poison">Where uploads go whose names cannot be those of results.</param>
/// <param name="limits">What an upload may cost.</param>
/// <param name="time">The time.</param>
/// <param name="logger">Is told what is refused.</param>
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

    /// <summary>Takes an upload in. Afterwards it has a result, is in a message that leads to one, or is in poison with a reason.</summary>
    /// <param name="blobName">Its name within <see cref="StorageNames.Uploads"/>.</param>
    /// <param name="cancellation">Gives up; the upload is then to be handled again.</param>
    /// <exception cref="RequestFailedException">Storage cannot be used; the upload is to be handled again.</exception>
    public async Task HandleAsync(string blobName, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(blobName);
        if (StorageNames.ReservedBatches.Contains(blobName.Split('/')[0]))
            return;
        if (UploadName.Parse(blobName, out string? fault) is not { } name)
        {
            await PoisonAsync(blobName, "name", fault!, cancellation).ConfigureAwait(false);
            return;
        }

        // It is handled anew where it is replaced meanwhile.
        while (await _uploads.GetBlobClient(name.Blob).FindAsync(cancellation).ConfigureAwait(false) is { } upload)
        {
            if (ArchiveIntake.IsUnpacked(upload.Metadata))
                return;
            try
            {
                await HandleAsync(name, upload, cancellation).ConfigureAwait(false);
                return;
            }
            catch (RequestFailedException replaced) when (replaced.Status == PreconditionFailed || replaced.ErrorCode == BlobErrorCode.BlobNotFound)
            {
                logger.Replaced(name.Batch);
            }
        }
    }

    /// <summary>The message that is all there is to be done for an upload.</summary>
    /// <param name="blobName">Its name within <see cref="StorageNames.Uploads"/>.</param>
    /// <param name="bytes">Its length.</param>
    /// <param name="metadata">Its metadata.</param>
    /// <returns>Null where more is to be done, by <see cref="HandleAsync(string, CancellationToken)"/>.</returns>
    internal FaceBatchMessage? MessageOf(string blobName, long bytes, IDictionary<string, string> metadata) =>
        UploadName.Parse(blobName, out _) is { } name && IsNamedAsTaken(name)
            ? MessageOf(name, FaultOf(name, bytes), UploadWishes.From(metadata, out _))
            : null;

    /// <summary>Sends a message of one upload, or of several.</summary>
    internal async Task SendAsync(FaceBatchMessage message, CancellationToken cancellation)
    {
        await faceBatches.SendAsync(message, cancellation).ConfigureAwait(false);
        IntakeMetrics.Taken(message.Images.Count);
    }

    /// <summary>Puts an upload into poison that cannot be handled, time and again.</summary>
    /// <param name="blobName">Its name within <see cref="StorageNames.Uploads"/>.</param>
    /// <param name="fault">Why, without a full stop.</param>
    /// <param name="cancellation">Gives up; the upload is then to be handled again.</param>
    public Task GiveUpAsync(string blobName, string fault, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(blobName);
        return PoisonAsync(blobName, "error", fault, cancellation);
    }

    private async Task HandleAsync(UploadName name, BlobProperties upload, CancellationToken cancellation)
    {
        UploadFault? fault = FaultOf(name, upload.ContentLength);
        if (fault is null && !IsNamedAsTaken(name))
            fault = UploadKind.WrongFormat(await StartOfAsync(name, upload.ETag, cancellation).ConfigureAwait(false));
        UploadWishes? wishes = UploadWishes.From(upload.Metadata, out UploadFault? wrongWish);
        if (MessageOf(name, fault, wishes) is { } message)
        {
            // Whether there is a result is seen by the worker.
            await SendAsync(message with { IsNew = true }, cancellation).ConfigureAwait(false);
            return;
        }

        if (!await _results.HasAsync(name, upload.ETag, cancellation).ConfigureAwait(false))
        {
            await ((fault ?? wrongWish) is { } refusal
                ? RefuseAsync(name, upload.ETag, refusal, cancellation)
                : UnpackAsync(name, upload.ETag, wishes!, cancellation)).ConfigureAwait(false);
        }

        await AskForReportAsync(name, cancellation).ConfigureAwait(false);
    }

    private async Task RefuseAsync(UploadName name, ETag version, UploadFault fault, CancellationToken cancellation)
    {
        IntakeMetrics.Refused("upload", fault.Category);
        logger.Refused(name.Batch);
        await _results.RejectAsync(name, version, fault.Reason, cancellation).ConfigureAwait(false);
    }

    private async Task UnpackAsync(UploadName name, ETag version, UploadWishes wishes, CancellationToken cancellation)
    {
        var (answer, images) = await _archives.UnpackAsync(name, version, wishes, cancellation).ConfigureAwait(false);
        foreach (string[] some in images.Chunk(FaceBatchMessage.MaxImages))
            await faceBatches.SendAsync(MessageOf(name, wishes, some) with { IsNew = true }, cancellation).ConfigureAwait(false);
        if (answer.Entries.Accepted == 0)
            IntakeMetrics.Refused("upload", "archive");
        else
            IntakeMetrics.Taken();
        logger.Unpacked(name.Batch, answer.Entries.Accepted, answer.Entries.Refused.Count);
        await _results.WriteAsync(name, version, answer, cancellation).ConfigureAwait(false);
    }

    private UploadFault? FaultOf(UploadName name, long bytes)
    {
        bool isArchive = UploadName.IsArchive(name.File);
        long most = isArchive ? limits.MaxArchiveBytes : limits.MaxImageBytes;
        return bytes == 0 ? UploadKind.Empty : bytes > most ? UploadKind.TooLong(bytes, most) : null;
    }

    // Of all others the first bytes are looked at: what is no image is answered without a worker.
    private static bool IsNamedAsTaken(UploadName name) => UploadName.IsArchive(name.File) || ImageFiles.IsNamedSo(name.File);

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

    private static FaceBatchMessage? MessageOf(UploadName name, UploadFault? fault, UploadWishes? wishes) =>
        wishes is null || fault is not null || UploadName.IsArchive(name.File) ? null : MessageOf(name, wishes, [name.Image]);

    private static FaceBatchMessage MessageOf(UploadName name, UploadWishes wishes, IReadOnlyList<string> images) =>
        new() { BatchId = name.Batch, Gallery = wishes.Gallery, Images = images, Faces = wishes.Faces };

    // A result that the intake writes is to be in the batch's report too. The workers write those, once for many results; and a message
    // is not lost when this process ends.
    private Task AskForReportAsync(UploadName name, CancellationToken cancellation) =>
        faceBatches.SendAsync(MessageOf(name, new UploadWishes(UploadWishes.DefaultGallery, FaceFinding.Auto), []), cancellation);

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
