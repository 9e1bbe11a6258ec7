using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace IpuNet.Service.Telemetry;

/// <summary>The service's meter and source of traces. They never name a person or show a face.</summary>
public static class ServiceMeter
{
    /// <summary>The name of the meter and of the source of traces.</summary>
    public const string Name = "IpuNet.Service";

    internal static Meter Meter { get; } = new(Name);

    internal static ActivitySource Activities { get; } = new(Name);
}
