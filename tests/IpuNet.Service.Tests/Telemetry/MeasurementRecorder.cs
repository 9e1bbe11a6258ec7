using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Telemetry;

namespace IpuNet.Service.Tests.Telemetry;

/// <summary>Something that was measured.</summary>
public sealed record Measured(string Instrument, double Value, IReadOnlyDictionary<string, object?> Tags)
{
    public string? Tag(string name) => Tags.TryGetValue(name, out object? value) ? value?.ToString() : null;
}

/// <summary>Records what the product measures of itself in the test that made it, for as long as it lives. Meters are a process's: what tests beside it do is left out.</summary>
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
