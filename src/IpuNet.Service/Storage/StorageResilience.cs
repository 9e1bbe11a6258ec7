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
/// The retry rules for requests to storage. Temporary failures are retried with growing pauses. If most requests fail, all of them wait for
/// a moment. A request without an answer in time is cancelled and retried with more time. Nothing else in the service retries requests.
/// </summary>
/// <param name="options">The retry settings.</param>
/// <param name="logger">Logs when requests are held back, and when they are sent again.</param>
/// <param name="time">The clock; null for the system clock.</param>
internal sealed class StorageResilience(StorageOptions options, ILogger? logger = null, TimeProvider? time = null)
{
    // The longest timeout of a retry, as a multiple of the first attempt's: a power of two.
    private const int LongestTimeouts = 4;

    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BreakDuration = TimeSpan.FromSeconds(1), ProbeTime = TimeSpan.FromSeconds(2);
    private static readonly ResiliencePropertyKey<HttpMessage> Asked = new("ipunet.message");

    private readonly ILogger _logger = logger ?? NullLogger.Instance;
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>
    /// Makes a client retry by these rules instead of its own, and send no data about its machine. Each call creates its own circuit: if
    /// one service is unreachable, others may answer.
    /// </summary>
    /// <param name="client">The client's options.</param>
    /// <param name="service">The name of the service in messages, such as "blobs".</param>
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
        // Polly's own metrics: attempts, retries, the circuit's state changes.
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
                // A request without an answer in time is not counted. It has waited long enough, so holding others back would save nothing;
                // and on a busy machine, this process itself may have been too slow.
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

    // Storage reported a fault, or could not be reached.
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
        // An attempt's timeout looks like a cancellation. It is one only if the caller cancelled.
        OperationCanceledException => !context.CancellationToken.IsCancellationRequested,
        _ => IsFault(outcome),
    };

    // Storage sends this header when it throttles.
    private static TimeSpan? AskedFor(Outcome<Response> outcome) =>
        outcome.Result is { } response
            && response.Headers.TryGetValue("Retry-After", out string? text) && int.TryParse(text, out int seconds) && seconds >= 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, LongestDelay.TotalSeconds))
            : null;

    // The address contains names of people, so only the kind of the request is stated.
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
        string? component = request.Uri.Query.TrimStart('?').Split('&').FirstOrDefault(
            part => part.StartsWith(key, StringComparison.Ordinal));
        return component is null ? $"{request.Method}" : $"{request.Method} {component[key.Length..]}";
    }

    private static string AddressOf(Request request) =>
        string.Create(CultureInfo.InvariantCulture, $"{request.Uri.Host}:{request.Uri.Port}");

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
                        // While one request checks whether storage answers again, all others wait for it.
                        message.NetworkTimeout =
                            circuit.State.CircuitState == CircuitState.HalfOpen && ProbeTime < limit ? ProbeTime : limit;
                        await ProcessNextAsync(message, next).ConfigureAwait(false);
                        return message.Response;
                    },
                    context).ConfigureAwait(false);
            }
            catch (BrokenCircuitException open)
            {
                throw new RequestFailedException(
                    0, $"Requests to storage's {service} are held back because most of them fail. {circuit.Cause}.", errorCode: null, open);
            }
            catch (OperationCanceledException late) when (!message.CancellationToken.IsCancellationRequested)
            {
                // A cancellation would look like the caller's.
                string asked = $"{KindOf(message.Request)} at {AddressOf(message.Request)}";
                string waited = string.Create(
                    CultureInfo.InvariantCulture, $"{LimitOf(attempts - 1).TotalSeconds:0.#} s, at attempt {attempts}");
                throw new RequestFailedException(
                    0, $"Storage's {service} did not answer {asked} within {waited}.", errorCode: null, late);
            }
            finally
            {
                ResilienceContextPool.Shared.Return(context);
            }
        }

        // If storage is slow because of load, repeating requests early adds load.
        private TimeSpan LimitOf(int attempt) => timeout * Math.Min(1 << Math.Min(attempt, LongestTimeouts), LongestTimeouts);

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> next) =>
            throw new NotSupportedException("Storage is called asynchronously only.");
    }
}

/// <summary>The state of a circuit: whether requests are held back, since when, and why.</summary>
internal sealed partial class StorageCircuit(string service, ILogger logger, TimeProvider time)
{
    private readonly Lock _lock = new();
    private string? _cause;
    private long? _since;

    /// <summary>Polly's state of the circuit.</summary>
    public CircuitBreakerStateProvider State { get; } = new();

    /// <summary>The failure after which requests were last held back.</summary>
    public string? Cause => Volatile.Read(ref _cause);

    /// <summary>Records that requests are held back. A failed check changes nothing.</summary>
    public void Open(string cause)
    {
        lock (_lock)
        {
            if (_since is not null)
                return;
            (_since, _cause) = (time.GetTimestamp(), cause);
        }

        HeldBack(logger, service, cause);
    }

    /// <summary>Records that requests are sent again.</summary>
    public void Close()
    {
        long? since;
        lock (_lock)
            (since, _since) = (_since, null);
        if (since is { } opened)
            SentAgain(logger, service, time.GetElapsedTime(opened).TotalSeconds);
    }

    [LoggerMessage(
        1, LogLevel.Warning,
        "Requests to storage's {Service} are held back because most of them fail. One request a second checks for an answer. {Cause}.")]
    private static partial void HeldBack(ILogger logger, string service, string cause);

    [LoggerMessage(2, LogLevel.Information, "Requests to storage's {Service} are sent again, after {Seconds:0.0} s.")]
    private static partial void SentAgain(ILogger logger, string service, double seconds);
}
