using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using IpuNet.Service.Telemetry;

namespace IpuNet.LocalCloud;

/// <summary>Counts what the service in this process has done since its start, from its metrics.</summary>
public sealed class CloudCounts : IDisposable
{
    private const string Uploads = "ipunet.uploads", ImagesName = "ipunet.images", Faces = "ipunet.faces";
    private const string Enrolments = "ipunet.enrolments", Poisoned = "ipunet.poisoned";

    private readonly ConcurrentDictionary<string, long> _counts = new();
    private readonly MeterListener _listener = new();

    /// <summary>Starts to count.</summary>
    public CloudCounts()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ServiceMeter.Name && instrument is Counter<long>)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>(
            (instrument, value, _, _) => _counts.AddOrUpdate(instrument.Name, value, (_, before) => before + value));
        _listener.Start();
    }

    /// <summary>Number of images with a result.</summary>
    public long Images => Of(ImagesName);

    /// <summary>All counts, for a status line.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"Uploads {Of(Uploads):N0}, images {Images:N0}, faces {Of(Faces):N0}, enrolments {Of(Enrolments):N0}, poison {Of(Poisoned):N0}");

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private long Of(string counter) => _counts.GetValueOrDefault(counter);
}
