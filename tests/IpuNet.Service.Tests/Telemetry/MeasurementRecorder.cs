using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using IpuNet.Faces.Telemetry;
using IpuNet.Service.Telemetry;

namespace IpuNet.Service.Tests.Telemetry;

/// <summary>A measurement.</summary>
public sealed record Measured(string Instrument, double Value, IReadOnlyDictionary<string, object?> Tags)
{
    public string? Tag(string name) => Tags.TryGetValue(name, out object? value) ? value?.ToString() : null;
}

/// <summary>
/// Records the product's measurements in the test that created it, until it is disposed of. Meters belong to the process; measurements of
/// tests that run beside it are ignored.
/// </summary>
public sealed class MeasurementRecorder : IDisposable
{
    private readonly string _test = TestContext.Current.Test!.UniqueID;
    private readonly ConcurrentQueue<Measured> _measured = new();
    private readonly MeterListener _listener = new();

    public MeasurementRecorder()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name is ServiceMeter.Name or PipelineStage.SourceName)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyList<Measured> Of(string instrument) => [.. _measured.Where(measured => measured.Instrument == instrument)];

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (TestContext.Current.Test?.UniqueID == _test)
            _measured.Enqueue(new Measured(instrument.Name, value, tags.ToArray().ToDictionary()));
    }
}
