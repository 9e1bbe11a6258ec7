using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace IpuNet.Service.Telemetry;

/// <summary>The service's meter and source of traces. Nothing in them names a person or shows a face.</summary>
public static class ServiceMeter
{
    /// <summary>Name of the meter and of the source of traces.</summary>
    public const string Name = "IpuNet.Service";

    internal static Meter Meter { get; } = new(Name);

    internal static ActivitySource Activities { get; } = new(Name);
}
