using IpuNet.Service.Storage;

namespace IpuNet.Functions;

/// <summary>What the functions wait for.</summary>
internal static class Triggers
{
    /// <summary>Configuration section that says where the account is: for the triggers and for the service.</summary>
    public const string Connection = StorageOptions.Section;

    /// <summary>Any upload, also one that is in no batch: it is to be told so.</summary>
    public const string Uploads = StorageNames.Uploads + "/{name}";

    /// <summary>The setting that says when a retraining is enqueued: NCRONTAB, UTC.</summary>
    public const string RetrainingSchedule = "%RetrainingSchedule%";

    /// <summary>The setting that says when old batches are removed: NCRONTAB, UTC.</summary>
    public const string RetentionSchedule = "%RetentionSchedule%";

    /// <summary>Every minute: alerts are about minutes.</summary>
    public const string WatchSchedule = "0 * * * * *";

    /// <summary>Once a day, at four: what Event Grid gives up it has tried for a day.</summary>
    public const string SweepSchedule = "0 0 4 * * *";
}
