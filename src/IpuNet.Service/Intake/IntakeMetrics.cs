using System.Diagnostics.Metrics;
using IpuNet.Service.Telemetry;

namespace IpuNet.Service.Intake;

/// <summary>What is measured of the intake.</summary>
internal static class IntakeMetrics
{
    private static readonly Counter<long> RefusedCounter = ServiceMeter.Meter.CreateCounter<long>("ipunet.refused", "{item}", "Uploads, and entries of archives, that were not taken, by category.");

    private static readonly Counter<long> TakenCounter = ServiceMeter.Meter.CreateCounter<long>("ipunet.uploads", "{upload}", "Uploads, archives among them, that were taken.");

    public static void Taken(int uploads = 1) => TakenCounter.Add(uploads);

    public static void Refused(string kind, string category) =>
        RefusedCounter.Add(1, new KeyValuePair<string, object?>("kind", kind), new KeyValuePair<string, object?>("category", category));
}
