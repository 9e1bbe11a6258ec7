using Polly;
using Polly.Retry;

namespace IpuNet.Service.Storage;

/// <summary>Repeats changes that fail because another writer was faster.</summary>
internal static class OptimisticConcurrency
{
    // Each round, one of the competing writers succeeds, so this suffices for any realistic number of writers.
    private const int MostRetries = 60;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20), LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>Repeats an attempt until it succeeds.</summary>
    /// <param name="what">The thing that is changed, for the error.</param>
    /// <param name="time">The clock.</param>
    /// <param name="attempt">
    /// Reads, changes and writes, on condition that nothing changed meanwhile. Returns null if something did.
    /// </param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="IOException">No attempt succeeded.</exception>
    public static async Task<T> RetryAsync<T>(string what, TimeProvider time, Func<Task<T?>> attempt, CancellationToken cancellation)
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
            ?? throw new IOException($"{what} was changed by others {MostRetries} times in a row. Try again later.");
    }
}
