using System.Diagnostics.Metrics;
using IpuNet.Service.Telemetry;
using Polly.Telemetry;

namespace IpuNet.Service.Storage;

/// <summary>Counts what <see cref="StorageResilience"/> does: repetitions, requests given up, the circuit's state changes.</summary>
internal sealed class StorageTelemetry : TelemetryListener
{
    private static readonly Counter<long> Events = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.storage.resilience", "{event}", "Repetitions, time-outs and opened circuits of requests to storage.");

    public override void Write<TResult, TArgs>(in TelemetryEventArguments<TResult, TArgs> args)
    {
        if (args.Event.Severity > ResilienceEventSeverity.Debug && args.Event.EventName != "ExecutionAttempt")
            Events.Add(1, new KeyValuePair<string, object?>("event", args.Event.EventName));
    }
}
