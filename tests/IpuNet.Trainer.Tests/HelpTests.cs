using IpuNet.CommandLine;

namespace IpuNet.Trainer.Tests;

public class HelpTests
{
    [Theory]
    [InlineData("evaluate")]
    [InlineData("train")]
    [InlineData("export")]
    [InlineData("import face-api")]
    [InlineData("import facenet")]
    [InlineData("import arcface")]
    public async Task Help_OfEveryCommand_HasExamplesAndTheProgramsNameThatUsersCall(string command)
    {
        var run = await CommandRun.OfAsync([.. command.Split(' '), "--help"]);

        run.Code.ShouldBe(ExitCode.Done);
        run.Output[..run.Output.IndexOf("Options:", StringComparison.Ordinal)].ShouldContain($"  ipunet {command} ", Case.Sensitive);
        run.Output.ShouldContain("Examples:");
    }

    [Theory]
    [InlineData("train x --data d --steps 0")]
    [InlineData("evaluate --pairs p --sizes 8,big")]
    [InlineData("import weights")]
    public async Task Run_WithAWrongCommandLine_SaysWhatIsWrongAndExitsWith2(string commandLine)
    {
        var run = await CommandRun.OfAsync(commandLine.Split(' '));

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldNotBeEmpty();
    }
}
