using System.Diagnostics.Metrics;
using IpuNet.Service.Messages;
using IpuNet.Service.Telemetry;

namespace IpuNet.Service.Enrolment;

/// <summary>What the enrolment measures of itself.</summary>
internal static class EnrolmentMetrics
{
    private static readonly Counter<long> Jobs = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.enrolments", "{job}", "Enrolments that have an answer, by action and status.");

    private static readonly Counter<long> RefusedImages = ServiceMeter.Meter.CreateCounter<long>(
        "ipunet.enrolment.refused", "{image}", "Images that were not enrolled, by category.");

    public static void Done(EnrolmentAction? action, EnrolmentStatus status) => Jobs.Add(
        1,
        new KeyValuePair<string, object?>("action", action?.ToString().ToLowerInvariant() ?? "unknown"),
        new KeyValuePair<string, object?>("status", status.ToString().ToLowerInvariant()));

    public static void Refused(string category) => RefusedImages.Add(1, new KeyValuePair<string, object?>("category", category));
}
