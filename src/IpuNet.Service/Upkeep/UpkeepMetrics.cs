using System.Diagnostics.Metrics;
using IpuNet.Service.Telemetry;

namespace IpuNet.Service.Upkeep;

/// <summary>What is measured of the queues from outside: also while no worker runs.</summary>
internal static class UpkeepMetrics
{
    private static readonly Gauge<long> Messages = ServiceMeter.Meter.CreateGauge<long>(
        "ipunet.queue.messages", "{message}", "Messages in the queue, about, with those that are being worked on.");

    private static readonly Gauge<double> Oldest = ServiceMeter.Meter.CreateGauge<double>(
        "ipunet.queue.oldest", "s", "How long the next message has waited; 0 where none waits.");

    public static void Queue(string queue, long messages, TimeSpan oldest)
    {
        var tag = new KeyValuePair<string, object?>("queue", queue);
        Messages.Record(messages, tag);
        Oldest.Record(Math.Max(0, oldest.TotalSeconds), tag);
    }
}
