using Polly;
using Polly.Retry;

namespace IpuNet.Service.Storage;

/// <summary>Repeats what comes to nothing when another writer is faster.</summary>
internal static class Contention
{
    // Of many writers one gets through each time, so this is for as many as will ever meet.
    private const int MostRetries = 60;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20), LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>Makes attempts until one succeeds.</summary>
    /// <param name="what">What is changed, for the error.</param>
    /// <param name="time">The time.</param>
    /// <param name="attempt">Reads, changes and writes under the condition that nothing changed meanwhile; null where something did.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="IOException">None did.</exception>
    public static async Task<T> RepeatAsync<T>(string what, TimeProvider time, Func<Task<T?>> attempt, CancellationToken cancellation)
        where T : class
    {
        var retry = new RetryStrategyOptions<T?>
        {
            ShouldHandle = new PredicateBuilder<T?>().HandleResult(result => result is null),
            MaxRetryAttempts = MostRetries,
            BackoffType = DelayBackoffType.Exponential,
            Delay = FirstPause,
            MaxDelay = LongestPause,
            UseJitter = true,
        };
        ResiliencePipeline<T?> pipeline = new ResiliencePipelineBuilder<T?> { TimeProvider = time }.AddRetry(retry).Build();
        return await pipeline.ExecuteAsync(async _ => await attempt().ConfigureAwait(false), cancellation).ConfigureAwait(false)
            ?? throw new IOException($"{what} was changed by others {MostRetries} times in a row: try again later.");
    }
}
