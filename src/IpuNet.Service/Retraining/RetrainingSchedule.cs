using System.ComponentModel.DataAnnotations;
using System.Globalization;
using IpuNet.Contract;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Retraining;

/// <summary>Enqueues scheduled retraining jobs.</summary>
/// <param name="account">The storage account.</param>
/// <param name="queue">The queue of retraining jobs.</param>
/// <param name="options">The experiment.</param>
/// <param name="time">The clock.</param>
public sealed class RetrainingSchedule(
    StorageAccount account, [FromKeyedServices(StorageNames.Retraining)] JobQueue queue, IOptions<RetrainingScheduleOptions> options,
    TimeProvider time)
{
    /// <summary>
    /// Enqueues a retraining job, unless one waits or runs. Otherwise jobs would pile up if each takes longer than the interval. The job's
    /// id contains the minute, so a timer that fires twice gets one answer.
    /// </summary>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The job's id; null if no job was enqueued.</returns>
    public async Task<string?> EnqueueAsync(CancellationToken cancellation)
    {
        if (await account.CountMessagesAsync(StorageNames.Retraining, cancellation).ConfigureAwait(false) > 0)
            return null;
        string jobId = time.GetUtcNow().ToString("'scheduled-'yyyyMMdd'-'HHmm", CultureInfo.InvariantCulture);
        await queue.SendAsync(
            new RetrainingMessage { JobId = jobId, Experiment = options.Value.Experiment }, cancellation).ConfigureAwait(false);
        return jobId;
    }
}

/// <summary>The options of scheduled retraining jobs.</summary>
/// <remarks>Configuration section <see cref="Section"/>. The timer of the Functions app sets the times.</remarks>
public sealed class RetrainingScheduleOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Retraining";

    /// <summary>The name of the experiment.</summary>
    /// <value>"default" by default; 1 to 64 characters.</value>
    [Required]
    [StringLength(64, MinimumLength = 1)]
    public string Experiment { get; set; } = ExperimentName.Default;
}

/// <summary>A valid retraining job.</summary>
/// <param name="Id">The job's id, valid as a blob name.</param>
/// <param name="Experiment">The name of the experiment, valid as a file name.</param>
/// <param name="SentAt">When the job was sent, by the storage clock.</param>
public sealed record RetrainingJob(string Id, string Experiment, DateTimeOffset SentAt)
{
    /// <summary>Reads a message.</summary>
    /// <exception cref="JobRefusedException">The message is invalid. Another attempt cannot help.</exception>
    public static RetrainingJob Read(LeasedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        RetrainingMessage job = message.Read<RetrainingMessage>();
        return new RetrainingJob(job.JobId, job.Experiment, message.InsertedOn);
    }
}
