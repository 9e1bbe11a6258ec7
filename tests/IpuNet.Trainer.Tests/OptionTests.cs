using System.CommandLine;
using IpuNet.Cli;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Programs;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.Trainer.Tests;

/// <summary>The options of all commands of <c>ipunet</c>, those of the trainer included. The benchmarks test theirs.</summary>
public class OptionTests
{
    private static readonly Terminal Nobody = new(TextWriter.Null, TextWriter.Null);

    private static readonly Command[] Commands =
        [.. TrainerCommands.Of(Nobody), .. IpuNetCommands.Of(Nobody).Where(command => command is not CommandElsewhere)];

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

    [Fact]
    public void Recogniser_OfEachCommand_SaysWhatItDoesThere()
    {
        var texts = TypedOptions.Of(Commands).Where(found => found.Option.Name == "--recogniser")
            .ToDictionary(found => found.Command, found => found.Option.Description!);

        texts.Keys.ShouldBe(["evaluate", "enrol", "identify", "verify", "gallery reembed", "up", "demo"], ignoreOrder: true);
        texts.Values.Distinct().Count().ShouldBe(texts.Count);
        texts.Where(text => text.Value.Contains("gallery", StringComparison.Ordinal)).Select(text => text.Key)
            .ShouldBe(["enrol", "identify"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("train x --storage --data d", "--storage and --data do not go together: leave one of them out.")]
    [InlineData("train --storage --out o", "--storage and --out do not go together: leave one of them out.")]
    [InlineData("train x --data d --work w", "--work needs --storage: add --storage, or leave --work out.")]
    [InlineData("train x --data d --account acc", "--account needs --storage: add --storage, or leave --account out.")]
    [InlineData("train x --data d --far 0.1", "--far needs --storage: add --storage, or leave --far out.")]
    [InlineData(
        "evaluate --pairs p --check-people c",
        "--check-people needs --calibrate-people: add --calibrate-people, or leave --check-people out.")]
    [InlineData(
        "evaluate --identification i --calibrate-pairs p",
        "--calibrate-pairs needs --pairs: add --pairs, or leave --calibrate-pairs out.")]
    public async Task Run_WithAnOptionThatWouldBeIgnored_IsAnError(string commandLine, string error) =>
        (await CommandRun.OfAsync(commandLine.Split(' '))).ShouldBeWrongUsage(
            error, $"`ipunet {commandLine.Split(' ')[0]} --help` shows the usage.");

    [Theory]
    [InlineData("trian", "'trian' is not a command of `ipunet-trainer`.", "Did you mean `ipunet train`?")]
    [InlineData("identify", "'identify' is not a command of `ipunet-trainer`.", "`ipunet-trainer --help` lists the commands.")]
    [InlineData("import onnx", "'onnx' is not a command of `ipunet import`.", "`ipunet import --help` lists the commands.")]
    [InlineData("import fasenet x", "'fasenet' is not a command of `ipunet import`.", "Did you mean `ipunet import facenet`?")]
    public async Task Trainer_WithACommandThatItDoesNotHave_IsOneErrorAndOneHint(string commandLine, string error, string hint)
    {
        using StringWriter output = new(), errors = new();

        int code = await TrainerCommands.Program.RunAsync(
            commandLine.Split(' '), new Terminal(output, errors), TestContext.Current.CancellationToken);

        code.ShouldBe(ExitCode.Usage);
        errors.ToString().ShouldBe($"error: {error}\n{hint}\n", StringCompareShould.IgnoreLineEndings);
        output.ToString().ShouldBeEmpty();
    }
}
