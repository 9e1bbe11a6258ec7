using Azure.Storage.Blobs;
using IpuNet.Service.Intake;
using IpuNet.Service.Storage;
using Microsoft.Azure.Functions.Worker;

namespace IpuNet.Functions;

/// <summary>Notices uploads.</summary>
public sealed class UploadFunctions(UploadIntake intake, FailedUploads failed)
{
    /// <summary>Takes an upload in; what it becomes of goes to <see cref="StorageNames.FaceBatches"/>.</summary>
    [Function("TakeUpload")]
    public Task TakeAsync(
        [BlobTrigger(Triggers.Uploads, Source = BlobTriggerSource.EventGrid, Connection = Triggers.Connection)] BlobClient upload, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(upload);
        return intake.HandleAsync(upload.Name, cancellation);
    }

    /// <summary>Writes down why an upload could not be taken in.</summary>
    [Function("GiveUpUpload")]
    public Task GiveUpAsync([QueueTrigger(StorageNames.FailedUploads, Connection = Triggers.Connection)] string message, CancellationToken cancellation) =>
        failed.HandleAsync(message, cancellation);
}
