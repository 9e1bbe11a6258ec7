using System.Globalization;
using IpuNet.Service.Messages;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Retraining;

/// <summary>Enqueues retrainings when it is time.</summary>
/// <param name="account">The storage account.</param>
/// <param name="queue">Where they go.</param>
/// <param name="options">What is trained.</param>
/// <param name="time">The time.</param>
public sealed class RetrainingSchedule(
    StorageAccount account, [FromKeyedServices(StorageNames.Retraining)] JobQueue queue, IOptions<RetrainingScheduleOptions> options, TimeProvider time)
{
    /// <summary>
    /// Enqueues a retraining, unless one waits or is going on: they would pile up where each takes longer than the time between two. The
    /// job's id is that of the minute, so that a timer that goes off twice has one answer.
    /// </summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The job's id; null where none was enqueued.</returns>
    public async Task<string?> EnqueueAsync(CancellationToken cancellation)
    {
        if (await account.CountMessagesAsync(StorageNames.Retraining, cancellation).ConfigureAwait(false) > 0)
            return null;
        string jobId = time.GetUtcNow().ToString("'scheduled-'yyyyMMdd'-'HHmm", CultureInfo.InvariantCulture);
        await queue.SendAsync(new RetrainingMessage { JobId = jobId, Experiment = options.Value.Experiment }, cancellation).ConfigureAwait(false);
        return jobId;
    }
}
