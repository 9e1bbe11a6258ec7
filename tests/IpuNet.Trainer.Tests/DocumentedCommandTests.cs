using System.CommandLine;
using IpuNet.Cli;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Programs;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.Trainer.Tests;

/// <summary>The command lines that documents and help show are those of the program. Those of `ipunet bench` are the benchmarks'.</summary>
public class DocumentedCommandTests
{
    private static readonly Terminal Nobody = new(TextWriter.Null, TextWriter.Null);

    public static TheoryData<string, string, bool> CommandLines =>
    [
        .. DocumentedCommands.All.Where(line => line.Arguments.Split(' ')[0] != CommandTitle.Bench.Name)
            .Select(line => new TheoryDataRow<string, string, bool>(line.Document, line.Arguments, line.IsWhole)),
    ];

    public static TheoryData<string> Examples => [.. Commands().SelectMany(WithInner).OfType<CliCommand>()
        .SelectMany(command => command.Examples).Select(example => example.CommandLine)];

    [Theory]
    [MemberData(nameof(CommandLines))]
    public void CommandLine_OfADocument_IsOneOfTheProgram(string document, string arguments, bool isWhole) =>
        DocumentedCommands.FaultsOf(Commands(), arguments, isWhole).ShouldBeEmpty(document);

    [Theory]
    [MemberData(nameof(Examples))]
    public void CommandLine_OfAHelp_IsOneOfTheProgram(string line)
    {
        var own = DocumentedCommands.Of($"    {line}").Where(command => command.Arguments.Split(' ')[0] != CommandTitle.Bench.Name);

        own.SelectMany(command => DocumentedCommands.FaultsOf(Commands(), command.Arguments)).ShouldBeEmpty();
    }

    public static TheoryData<string, string> OptionsWithAValue =>
    [
        .. from command in Commands().SelectMany(WithInner)
           from option in command.Options
           where option.Arity.MinimumNumberOfValues > 0
           let path = command.Parents.OfType<Command>().Append(command).Select(part => part.Name)
           select new TheoryDataRow<string, string>(string.Join(' ', path), option.Name),
    ];

    [Theory]
    [MemberData(nameof(OptionsWithAValue))]
    public void Parse_AnOptionWithoutItsValue_SaysSo(string command, string option) =>
        DocumentedCommands.FaultsOf(Commands(), $"{command} {option}").ShouldNotBeEmpty();

    [Theory]
    [InlineData("identify in --galery g --gallery g", true)]
    [InlineData("identify in --galery g", false)]
    [InlineData("identify in", true)]
    [InlineData("enqueue enrolments in", false)]
    [InlineData("recognise in", false)]
    [InlineData("train default --data d --steps 0", true)]
    [InlineData("enhance in --out out --faces some", false)]
    public void FaultsOf_AWrongCommandLine_AreSome(string arguments, bool isWhole) =>
        DocumentedCommands.FaultsOf(Commands(), arguments, isWhole).ShouldNotBeEmpty();

    [Theory]
    [InlineData("identify", false)]
    [InlineData("gallery list", false)]
    [InlineData("identify --help", true)]
    public void FaultsOf_ACommandThatNeedsMore_AreNoneInASentenceOrBeforeItsHelp(string arguments, bool isWhole) =>
        DocumentedCommands.FaultsOf(Commands(), arguments, isWhole).ShouldBeEmpty();

    [Fact]
    public void Of_ADocument_AreTheCommandLinesOfItsBlocksAndSentences() =>
        DocumentedCommands.Of(
            """
            Call `ipunet verify` of `ipunet` and not `ipunet@3`, or `taskset -c 0 ipunet bench`.

                account=$(azd env get-value X) && ipunet up   # a comment
                ipunet identify 'a b' \
                    --gallery g
                dotnet run -c Release --project src/IpuNet.Cli -- demo

            ```mermaid
                ipunet none
            ```
            """).ShouldBe([("up", true), ("identify 'a b' --gallery g", true), ("demo", true), ("verify", false), ("bench", false)]);

    private static IEnumerable<Command> Commands() =>
        TrainerCommands.Of(Nobody).Concat(IpuNetCommands.Of(Nobody).Where(command => command is not CommandElsewhere));

    private static IEnumerable<Command> WithInner(Command command) => command.Subcommands.SelectMany(WithInner).Prepend(command);
}
