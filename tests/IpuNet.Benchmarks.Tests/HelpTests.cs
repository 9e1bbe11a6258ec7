using IpuNet.CommandLine;

namespace IpuNet.Benchmarks.Tests;

public class HelpTests
{
    [Theory]
    [InlineData("bench")]
    [InlineData("bench search")]
    [InlineData("bench service")]
    [InlineData("bench scaling")]
    [InlineData("bench reembed")]
    [InlineData("bench life")]
    public async Task Help_OfEveryCommand_HasExamplesAndTheProgramsNameThatUsersCall(string command)
    {
        var run = await CommandRun.OfAsync([.. command.Split(' '), "--help"]);

        run.Code.ShouldBe(ExitCode.Done);
        run.Output[..run.Output.IndexOf("Options:", StringComparison.Ordinal)].ShouldContain($"  ipunet {command} ", Case.Sensitive);
        run.Output.ShouldContain("Examples:");
    }

    [Theory]
    [InlineData("bench --faces 0")]
    [InlineData("bench life people")]
    [InlineData("bench life people --fixed others --rate 0")]
    public async Task Run_WithAWrongCommandLine_SaysWhatIsWrongAndExitsWith2(string commandLine)
    {
        var run = await CommandRun.OfAsync(commandLine.Split(' '));

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldNotBeEmpty();
    }
}
