using IpuNet.Cli;
using IpuNet.CommandLine.Programs;
using IpuNet.Trainer.Tests;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]
[assembly: AssemblyFixture(typeof(TestModels))]
[assembly: AssemblyFixture(typeof(TestedProgram))]

namespace IpuNet.Trainer.Tests;

/// <summary>The commands of these tests: the trainer's, and those of <c>ipunet</c> that use its models.</summary>
public sealed class TestedProgram
{
    public TestedProgram() => CommandRun.Program = new TerminalProgram(
        "", terminal => TrainerCommands.Of(terminal).Concat(IpuNetCommands.Of(terminal).Where(command => command is not CommandElsewhere)));
}
