using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Telemetry;

namespace IpuNet.Service.Storage;

/// <summary>
/// How requests to storage are repeated: what passes by itself is tried again, later and later; when most requests fail, all wait
/// for a while instead of pressing on; a request that does not answer is given up and repeated. This is the only place that repeats.
/// </summary>
internal sealed class StorageResilience
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(10);

    private readonly ResiliencePipeline<Response> _pipeline;
    private readonly TimeSpan _attemptTimeout;

    public StorageResilience(StorageOptions options)
    {
        _attemptTimeout = options.AttemptTimeout;
        var builder = new ResiliencePipelineBuilder<Response> { Name = "storage" };
        // Polly's own metrics: attempts, repetitions, the circuit's state changes.
        builder.ConfigureTelemetry(new TelemetryOptions());
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<Response>
            {
                ShouldHandle = arguments => ValueTask.FromResult(IsTransient(arguments.Outcome, arguments.Context.CancellationToken)),
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryDelay,
                MaxDelay = LongestDelay,
                DelayGenerator = arguments => ValueTask.FromResult(AskedFor(arguments.Outcome)),
                Name = "retry",
            });
        }

        _pipeline = builder
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Response>
            {
                ShouldHandle = arguments => ValueTask.FromResult(IsTransient(arguments.Outcome, arguments.Context.CancellationToken)),
                FailureRatio = 0.5,
                MinimumThroughput = 20,
                SamplingDuration = TimeSpan.FromSeconds(15),
                BreakDuration = TimeSpan.FromSeconds(2),
                Name = "circuit-breaker",
            })
            .Build();
    }

    /// <summary>Lets a client repeat by these rules in place of its own, and say nothing of the machine that it runs on.</summary>
    public T Apply<T>(T options)
        where T : ClientOptions
    {
        options.RetryPolicy = new Policy(_pipeline);
        options.Retry.NetworkTimeout = _attemptTimeout;
        options.Diagnostics.IsTelemetryEnabled = false;
        return options;
    }

    private static bool IsTransient(Outcome<Response> outcome, CancellationToken asked) => outcome switch
    {
        // The attempt's timeout looks like a cancellation, which it is only where somebody asked for it.
        { Exception: OperationCanceledException } => !asked.IsCancellationRequested,
        { Exception: BrokenCircuitException or IOException or HttpRequestException } => true,
        { Exception: RequestFailedException { Status: 0 } } => true,
        { Result.Status: 408 or 429 or 500 or 502 or 503 or 504 } => true,
        _ => false,
    };

    // Storage says so when it throttles.
    private static TimeSpan? AskedFor(Outcome<Response> outcome) =>
        outcome.Result is { } response && response.Headers.TryGetValue("Retry-After", out string? text) && int.TryParse(text, out int seconds) && seconds >= 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, LongestDelay.TotalSeconds))
            : null;

    private sealed class Policy(ResiliencePipeline<Response> pipeline) : HttpPipelinePolicy
    {
        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> next)
        {
            message.Response = await pipeline.ExecuteAsync(
                async _ =>
                {
                    await ProcessNextAsync(message, next).ConfigureAwait(false);
                    return message.Response;
                },
                message.CancellationToken).ConfigureAwait(false);
        }

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> next) =>
            throw new NotSupportedException("Storage is called asynchronously only.");
    }
}
