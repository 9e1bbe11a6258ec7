using IpuNet.Service.Retraining;
using IpuNet.Service.Upkeep;
using Microsoft.Azure.Functions.Worker;

namespace IpuNet.Functions;

/// <summary>What is done at times.</summary>
public sealed class TimedFunctions(QueueWatch queues, RetrainingSchedule retraining, BatchRetention batches, UploadSweep uploads)
{
    /// <summary>Measures the queues, and writes down why messages are in poison that have no reason yet.</summary>
    [Function("WatchQueues")]
    public Task WatchAsync([TimerTrigger(Triggers.WatchSchedule, UseMonitor = false)] TimerInfo timer, CancellationToken cancellation) =>
        queues.LookAsync(cancellation);

    /// <summary>Enqueues a retraining.</summary>
    [Function("ScheduleRetraining")]
    public Task RetrainAsync([TimerTrigger(Triggers.RetrainingSchedule)] TimerInfo timer, CancellationToken cancellation) =>
        retraining.EnqueueAsync(cancellation);

    /// <summary>Removes batches whose time is up.</summary>
    [Function("CleanUpBatches")]
    public Task CleanUpAsync([TimerTrigger(Triggers.RetentionSchedule)] TimerInfo timer, CancellationToken cancellation) =>
        batches.CleanUpAsync(cancellation);

    /// <summary>Takes uploads in that Event Grid told nobody of.</summary>
    [Function("SweepUploads")]
    public Task SweepAsync([TimerTrigger(Triggers.SweepSchedule)] TimerInfo timer, CancellationToken cancellation) =>
        uploads.LookAsync(cancellation);
}
