using System.Diagnostics;

namespace IpuNet.Benchmarks;

/// <summary>Time of the clock, and what processes took of the processors in it, their children not counted.</summary>
/// <param name="Clock">Time of the clock.</param>
/// <param name="Own">Processor time of this process.</param>
/// <param name="Other">Processor time of the other process; none where there is none.</param>
internal readonly record struct ProcessorTime(TimeSpan Clock, TimeSpan Own, TimeSpan Other)
{
    /// <summary>Begins to measure.</summary>
    /// <param name="otherId">Id of another process; null for none.</param>
    /// <returns>Gives what has passed since.</returns>
    public static Func<ProcessorTime> Start(int? otherId = null)
    {
        long clock = Stopwatch.GetTimestamp();
        TimeSpan own = Of(Environment.ProcessId), other = Of(otherId);
        return () => new ProcessorTime(Stopwatch.GetElapsedTime(clock), Of(Environment.ProcessId) - own, Of(otherId) - other);
    }

    private static TimeSpan Of(int? id)
    {
        if (id is not { } known)
            return TimeSpan.Zero;
        using var process = Process.GetProcessById(known);
        return process.TotalProcessorTime;
    }
}
