using System.Globalization;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Telemetry;

namespace IpuNet.Service.Storage;

/// <summary>
/// How requests to storage are repeated: what passes by itself is tried again, later and later; when storage fails most requests, all wait
/// for a moment instead of pressing on; a request that is not answered is given up and repeated, with more time. This is the only place that
/// repeats.
/// </summary>
/// <param name="options">How patiently.</param>
/// <param name="logger">Is told when requests are held back, and when no longer.</param>
/// <param name="time">The time; null for the system's.</param>
internal sealed class StorageResilience(StorageOptions options, ILogger? logger = null, TimeProvider? time = null)
{
    // What a repetition may take, in times of the first attempt: a power of two.
    private const int LongestTimeouts = 4;

    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BreakDuration = TimeSpan.FromSeconds(1), ProbeTime = TimeSpan.FromSeconds(2);
    private static readonly ResiliencePropertyKey<HttpMessage> Asked = new("ipunet.message");

    private readonly ILogger _logger = logger ?? NullLogger.Instance;
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>
    /// Lets a client repeat by these rules in place of its own, and say nothing of the machine that it runs on. Each call is a circuit of its own: where
    /// one service is away, others may answer.
    /// </summary>
    /// <param name="client">The client's options.</param>
    /// <param name="service">What messages call that which it talks to, such as "blobs".</param>
    public T Apply<T>(T client, string service)
        where T : ClientOptions
    {
        var circuit = new StorageCircuit(service, _logger, _time);
        client.RetryPolicy = new Policy(Pipeline(service, circuit), circuit, service, options.AttemptTimeout);
        client.Retry.NetworkTimeout = options.AttemptTimeout;
        client.Diagnostics.IsTelemetryEnabled = false;
        return client;
    }

    private ResiliencePipeline<Response> Pipeline(string service, StorageCircuit circuit)
    {
        var builder = new ResiliencePipelineBuilder<Response> { Name = "storage", InstanceName = service, TimeProvider = _time };
        // Polly's own metrics: attempts, repetitions, the circuit's state changes.
        builder.ConfigureTelemetry(new TelemetryOptions());
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<Response>
            {
                ShouldHandle = arguments => ValueTask.FromResult(IsTransient(arguments.Outcome, arguments.Context)),
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = options.RetryDelay,
                MaxDelay = LongestDelay,
                DelayGenerator = arguments => ValueTask.FromResult(AskedFor(arguments.Outcome)),
                Name = "retry",
            });
        }

        return builder
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Response>
            {
                // A request that came to no answer in time is not counted. It has waited long enough, so that holding others back would spare
                // nothing; and on a busy machine it was this process that came too late.
                ShouldHandle = arguments => ValueTask.FromResult(IsFault(arguments.Outcome)),
                FailureRatio = 0.5,
                MinimumThroughput = 20,
                SamplingDuration = TimeSpan.FromSeconds(15),
                BreakDuration = BreakDuration,
                StateProvider = circuit.State,
                OnOpened = arguments =>
                {
                    circuit.Open(Describe(arguments.Outcome, arguments.Context));
                    return default;
                },
                OnClosed = _ =>
                {
                    circuit.Close();
                    return default;
                },
                Name = "circuit-breaker",
            })
            .Build();
    }

    // Storage said so, or nothing could be said to it.
    private static bool IsFault(Outcome<Response> outcome) => outcome switch
    {
        { Exception: IOException or HttpRequestException } => true,
        { Exception: RequestFailedException { Status: 0 } } => true,
        { Result.Status: 408 or 429 or 500 or 502 or 503 or 504 } => true,
        _ => false,
    };

    private static bool IsTransient(Outcome<Response> outcome, ResilienceContext context) => outcome.Exception switch
    {
        BrokenCircuitException => true,
        // The attempt's timeout looks like a cancellation, which it is only where somebody asked for it.
        OperationCanceledException => !context.CancellationToken.IsCancellationRequested,
        _ => IsFault(outcome),
    };

    // Storage says so when it throttles.
    private static TimeSpan? AskedFor(Outcome<Response> outcome) =>
        outcome.Result is { } response && response.Headers.TryGetValue("Retry-After", out string? text) && int.TryParse(text, out int seconds) && seconds >= 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, LongestDelay.TotalSeconds))
            : null;

    // The address has names of people in it, so only the kind of the request is said.
    private static string Describe(Outcome<Response> outcome, ResilienceContext context)
    {
        string failure = outcome.Exception?.GetBaseException() is { } cause
            ? $"{cause.GetType().Name}, {cause.Message.Split('\n')[0].TrimEnd().TrimEnd('.')}"
            : string.Create(CultureInfo.InvariantCulture, $"status {outcome.Result?.Status} {ErrorCodeOf(outcome.Result)}").TrimEnd();
        HttpMessage message = context.Properties.GetValue(Asked, null!);
        return $"{KindOf(message.Request)} at {AddressOf(message.Request)}: {failure}";
    }

    private static string? ErrorCodeOf(Response? response) =>
        response?.Headers.TryGetValue("x-ms-error-code", out string? code) == true ? code : response?.ReasonPhrase;

    private static string KindOf(Request request)
    {
        const string key = "comp=";
        string? component = request.Uri.Query.TrimStart('?').Split('&').FirstOrDefault(part => part.StartsWith(key, StringComparison.Ordinal));
        return component is null ? $"{request.Method}" : $"{request.Method} {component[key.Length..]}";
    }

    private static string AddressOf(Request request) => string.Create(CultureInfo.InvariantCulture, $"{request.Uri.Host}:{request.Uri.Port}");

    private sealed class Policy(ResiliencePipeline<Response> pipeline, StorageCircuit circuit, string service, TimeSpan timeout)
        : HttpPipelinePolicy
    {
        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> next)
        {
            ResilienceContext context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, message.CancellationToken);
            context.Properties.Set(Asked, message);
            int attempts = 0;
            try
            {
                message.Response = await pipeline.ExecuteAsync(
                    async _ =>
                    {
                        TimeSpan limit = LimitOf(attempts++);
                        // All others wait for the one that finds out whether storage answers again.
                        message.NetworkTimeout = circuit.State.CircuitState == CircuitState.HalfOpen && ProbeTime < limit ? ProbeTime : limit;
                        await ProcessNextAsync(message, next).ConfigureAwait(false);
                        return message.Response;
                    },
                    context).ConfigureAwait(false);
            }
            catch (BrokenCircuitException open)
            {
                throw new RequestFailedException(
                    0, $"Requests to storage's {service} are held back, for most of them fail. {circuit.Cause}.", errorCode: null, open);
            }
            catch (OperationCanceledException late) when (!message.CancellationToken.IsCancellationRequested)
            {
                // As a cancellation it would be taken for somebody's wish to stop.
                string asked = $"{KindOf(message.Request)} at {AddressOf(message.Request)}";
                string waited = string.Create(CultureInfo.InvariantCulture, $"{LimitOf(attempts - 1).TotalSeconds:0.#} s, at attempt {attempts}");
                throw new RequestFailedException(
                    0, $"Storage's {service} did not answer {asked} within {waited}.", errorCode: null, late);
            }
            finally
            {
                ResilienceContextPool.Shared.Return(context);
            }
        }

        // Where storage is slow because there is much to do, giving up a request and sending it again makes even more to do.
        private TimeSpan LimitOf(int attempt) => timeout * Math.Min(1 << Math.Min(attempt, LongestTimeouts), LongestTimeouts);

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> next) =>
            throw new NotSupportedException("Storage is called asynchronously only.");
    }
}
