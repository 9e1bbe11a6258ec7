using System.Diagnostics;
using System.Globalization;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces.Models;
using IpuNet.Faces.Telemetry;

namespace IpuNet.CommandLine.Programs;

/// <summary>Says at the end of a command which models ran, and how long each stage took. It says nothing if none ran.</summary>
internal sealed class VerboseReport(Terminal terminal) : IDisposable
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly StageTimes _models = new(OnnxSession.MeterName, OnnxSession.DurationInstrument, OnnxSession.ModelTag);
    private readonly StageTimes _stages = new(PipelineStage.SourceName, PipelineStage.Instrument, PipelineStage.StageTag);

    public void Dispose()
    {
        string[] lines = [.. Lines("model", _models), .. Lines("stage", _stages)];
        foreach (string line in lines)
            terminal.Note(line);
        if (lines.Length > 0)
            terminal.Note(string.Create(
                CultureInfo.InvariantCulture, $"whole command: {Stopwatch.GetElapsedTime(_start).TotalSeconds:0.00} s"));
        _models.Dispose();
        _stages.Dispose();
    }

    private static IEnumerable<string> Lines(string kind, StageTimes times) => times.All.Select(
        stage => string.Create(CultureInfo.InvariantCulture, $"{kind} {stage.Stage}: {stage.Seconds:0.00} s in {stage.Count} runs"));
}
