using System.Diagnostics.Metrics;
using IpuNet.Service.Telemetry;

namespace IpuNet.Service.Queues;

/// <summary>What is measured of queues.</summary>
internal static class QueueMetrics
{
    private static readonly Histogram<double> AgeOfMessages = ServiceMeter.Meter.CreateHistogram<double>(
        "ipunet.queue.age", "s", "How long messages had waited when they were taken.");

    private static readonly Counter<long> Poison = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.poisoned", "{message}", "Messages that cannot be handled.");

    private static readonly Counter<long> LeasesLost = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.queue.leases.lost", "{message}", "Messages that could not be kept from other readers until they were done.");

    public static void Received(string queue, TimeSpan age) => AgeOfMessages.Record(Math.Max(0, age.TotalSeconds), new KeyValuePair<string, object?>("queue", queue));

    public static void Poisoned(string queue, string category) =>
        Poison.Add(1, new KeyValuePair<string, object?>("queue", queue), new KeyValuePair<string, object?>("category", category));

    public static void LeaseLost(string queue) => LeasesLost.Add(1, new KeyValuePair<string, object?>("queue", queue));
}
