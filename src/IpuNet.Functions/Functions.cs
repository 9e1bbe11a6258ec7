using Azure.Storage.Blobs;
using Azure.Storage.Queues.Models;
using IpuNet.Contract;
using IpuNet.Service.Enrolment;
using IpuNet.Service.Intake;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using IpuNet.Service.Upkeep;
using Microsoft.Azure.Functions.Worker;

namespace IpuNet.Functions;

/// <summary>Handles uploads.</summary>
public sealed class UploadFunctions(UploadIntake intake, FailedUploads failed)
{
    /// <summary>Takes an upload in, and enqueues its images in <see cref="StorageNames.FaceBatches"/>.</summary>
    [Function("TakeUpload")]
    public Task TakeAsync(
        [BlobTrigger(Triggers.Uploads, Source = BlobTriggerSource.EventGrid, Connection = Triggers.Connection)] BlobClient upload,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(upload);
        return intake.HandleAsync(upload.Name, cancellation);
    }

    /// <summary>Records why an upload could not be taken in.</summary>
    [Function("GiveUpUpload")]
    public Task GiveUpAsync(
        [QueueTrigger(StorageNames.FailedUploads, Connection = Triggers.Connection)] string message, CancellationToken cancellation) =>
        failed.HandleAsync(message, cancellation);
}

/// <summary>Handles enrolment jobs.</summary>
public sealed class EnrolmentFunctions(EnrolmentIntake intake)
{
    /// <summary>Refuses an invalid job, and passes any other on to <see cref="StorageNames.CheckedEnrolments"/>.</summary>
    [Function("TakeEnrolment")]
    public Task TakeAsync(
        [QueueTrigger(StorageNames.Enrolments, Connection = Triggers.Connection)] QueueMessage message, CancellationToken cancellation) =>
        intake.HandleAsync(message, cancellation);
}

/// <summary>Handles scheduled work.</summary>
public sealed class TimedFunctions(QueueWatch queues, RetrainingSchedule retraining, BatchRetention batches, UploadSweep uploads)
{
    /// <summary>Measures the queues, and records a reason for messages in poison that have none.</summary>
    [Function("WatchQueues")]
    public Task WatchAsync([TimerTrigger(Triggers.WatchSchedule, UseMonitor = false)] TimerInfo timer, CancellationToken cancellation) =>
        queues.LookAsync(cancellation);

    /// <summary>Enqueues a retraining job.</summary>
    [Function("ScheduleRetraining")]
    public Task RetrainAsync([TimerTrigger(Triggers.RetrainingSchedule)] TimerInfo timer, CancellationToken cancellation) =>
        retraining.EnqueueAsync(cancellation);

    /// <summary>Removes batches whose retention time has ended.</summary>
    [Function("CleanUpBatches")]
    public Task CleanUpAsync([TimerTrigger(Triggers.RetentionSchedule)] TimerInfo timer, CancellationToken cancellation) =>
        batches.CleanUpAsync(cancellation);

    /// <summary>Takes in uploads whose event was lost.</summary>
    [Function("SweepUploads")]
    public Task SweepAsync([TimerTrigger(Triggers.SweepSchedule)] TimerInfo timer, CancellationToken cancellation) =>
        uploads.LookAsync(cancellation);
}

/// <summary>The triggers of the functions.</summary>
internal static class Triggers
{
    /// <summary>Configuration section of the storage account, for the triggers and for the service.</summary>
    public const string Connection = StorageOptions.Section;

    /// <summary>Any upload. One outside a batch is refused with a reason.</summary>
    public const string Uploads = StorageNames.Uploads + "/{name}";

    /// <summary>Setting with the schedule of retraining jobs: NCRONTAB, UTC.</summary>
    public const string RetrainingSchedule = "%RetrainingSchedule%";

    /// <summary>Setting with the schedule of batch removal: NCRONTAB, UTC.</summary>
    public const string RetentionSchedule = "%RetentionSchedule%";

    /// <summary>Every minute, because alerts work in minutes.</summary>
    public const string WatchSchedule = "0 * * * * *";

    /// <summary>Once a day, at four. Event Grid gives an event up after a day.</summary>
    public const string SweepSchedule = "0 0 4 * * *";
}
