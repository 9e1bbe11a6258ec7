using System.CommandLine;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.Benchmarks.Tests;

/// <summary>The options of <c>ipunet bench</c>.</summary>
public class OptionTests
{
    private static readonly Command[] Commands = [new BenchCommand(new Terminal(TextWriter.Null, TextWriter.Null))];

    public static TheoryData<string, string> Typed => TypedOptions.Typed(Commands);

    public static TheoryData<string, string> WithAValue => TypedOptions.WithAValue(Commands);

    [Theory]
    [MemberData(nameof(Typed))]
    public async Task Run_WithAWordThatTheOptionDoesNotTake_SaysWhatItTakes(string command, string option) =>
        (await TypedOptions.FaultOfAWrongValueAsync(command, option)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(WithAValue))]
    public async Task Run_WithAnOptionWithoutItsValue_NamesTheValue(string command, string option) =>
        (await TypedOptions.FaultOfNoValueAsync(command, option)).ShouldBeEmpty();

    [Theory]
    [InlineData("bench serach", "'serach' is not a command of `ipunet bench`.", "Did you mean `ipunet bench search`?")]
    [InlineData("benhc", "'benhc' is not a command of `ipunet-bench`.", "Did you mean `ipunet bench`?")]
    [InlineData("service", "'service' is not a command of `ipunet-bench`.", "Did you mean `ipunet bench service`?")]
    [InlineData(
        "bench --faces 3 search", "--faces stands before 'search', which does not read it: put it behind.",
        "`ipunet bench search --help` shows the usage.")]
    public async Task Run_WithAWrongCommand_IsOneErrorAndOneHint(string commandLine, string error, string hint) =>
        (await CommandRun.OfAsync(commandLine.Split(' '))).ShouldBeWrongUsage(error, hint);
}
