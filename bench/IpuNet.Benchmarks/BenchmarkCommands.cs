using IpuNet.CommandLine.Programs;

namespace IpuNet.Benchmarks;

/// <summary>All of <c>ipunet-bench</c>.</summary>
internal static class BenchmarkCommands
{
    public static TerminalProgram Program { get; } = new(
        "Measures the speed of IpuNet on this machine.", terminal => [new BenchCommand(terminal)], "ipunet-bench");
}
