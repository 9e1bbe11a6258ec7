using Microsoft.Extensions.Logging;
using Polly.CircuitBreaker;

namespace IpuNet.Service.Storage;

/// <summary>What is known of a circuit: whether requests are held back, since when, and what began it.</summary>
internal sealed partial class StorageCircuit(string service, ILogger logger, TimeProvider time)
{
    private readonly Lock _lock = new();
    private string? _cause;
    private long? _since;

    /// <summary>The state as Polly has it.</summary>
    public CircuitBreakerStateProvider State { get; } = new();

    /// <summary>What failed when requests were last begun to be held back.</summary>
    public string? Cause => Volatile.Read(ref _cause);

    /// <summary>Notes that requests are held back; a probe that fails changes nothing.</summary>
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

    /// <summary>Notes that requests are sent again.</summary>
    public void Close()
    {
        long? since;
        lock (_lock)
            (since, _since) = (_since, null);
        if (since is { } opened)
            SentAgain(logger, service, time.GetElapsedTime(opened).TotalSeconds);
    }

    [LoggerMessage(1, LogLevel.Warning, "Requests to storage's {Service} are held back, for most of them fail; a probe each second looks whether it answers again. {Cause}.")]
    private static partial void HeldBack(ILogger logger, string service, string cause);

    [LoggerMessage(2, LogLevel.Information, "Requests to storage's {Service} are sent again, after {Seconds:0.0} s.")]
    private static partial void SentAgain(ILogger logger, string service, double seconds);
}
