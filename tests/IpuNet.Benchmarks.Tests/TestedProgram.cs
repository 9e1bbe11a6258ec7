using IpuNet.Benchmarks.Tests;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]
[assembly: AssemblyFixture(typeof(TestModels))]
[assembly: AssemblyFixture(typeof(TestedProgram))]

namespace IpuNet.Benchmarks.Tests;

/// <summary>What commands these tests run.</summary>
public sealed class TestedProgram
{
    public TestedProgram() => CommandRun.Program = BenchmarkCommands.Program;
}
