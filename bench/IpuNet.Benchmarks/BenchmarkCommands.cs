using IpuNet.CommandLine.Programs;

namespace IpuNet.Benchmarks;

/// <summary>All of <c>ipunet-bench</c>.</summary>
internal static class BenchmarkCommands
{
    public static TerminalProgram Program { get; } = new("Measures how fast IpuNet is on this machine.", terminal => [new BenchCommand(terminal)]);
}
