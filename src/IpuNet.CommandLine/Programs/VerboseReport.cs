using System.Diagnostics;
using System.Globalization;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Faces.Telemetry;

namespace IpuNet.CommandLine.Programs;

/// <summary>
/// Says at the end of a command which models ran, and how long each stage took. It says nothing if none ran. Metrics are of the whole
/// process, so it counts only what the command itself runs, on whatever thread.
/// </summary>
internal sealed class VerboseReport : IDisposable
{
    private static readonly AsyncLocal<VerboseReport?> Current = new();

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Terminal _terminal;
    private readonly StageTimes _models, _stages;

    /// <summary>Begins with the command. Everything that the caller runs from now on belongs to it.</summary>
    public VerboseReport(Terminal terminal)
    {
        _terminal = terminal;
        Current.Value = this;
        _models = new(OnnxSession.MeterName, OnnxSession.DurationInstrument, OnnxSession.ModelTag, () => Current.Value == this);
        _stages = new(PipelineStage.SourceName, PipelineStage.Instrument, PipelineStage.StageTag, () => Current.Value == this);
    }

    public void Dispose()
    {
        string[] lines = [.. Lines("model", _models), .. Lines("stage", _stages)];
        foreach (string line in lines)
            _terminal.Note(line);
        if (lines.Length > 0)
            _terminal.Note(string.Create(
                CultureInfo.InvariantCulture, $"whole command: {Stopwatch.GetElapsedTime(_start).TotalSeconds:0.00} s"));
        _models.Dispose();
        _stages.Dispose();
    }

    private static IEnumerable<string> Lines(string kind, StageTimes times) => times.All.Select(
        stage => string.Create(CultureInfo.InvariantCulture, $"{kind} {stage.Stage}: {stage.Seconds:0.00} s in {stage.Count} runs"));
}
