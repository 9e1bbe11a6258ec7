using IpuNet.CommandLine;
using IpuNet.CommandLine.Programs;

namespace IpuNet.Cli.Tests.CommandLine;

public class HelpTests
{
    [Theory]
    [InlineData("enhance")]
    [InlineData("enroll")]
    [InlineData("identify")]
    [InlineData("verify")]
    [InlineData("gallery list")]
    [InlineData("gallery delete")]
    [InlineData("gallery reembed")]
    [InlineData("up")]
    [InlineData("upload")]
    [InlineData("enqueue enrolment")]
    [InlineData("enqueue batch")]
    [InlineData("enqueue retraining")]
    [InlineData("status")]
    [InlineData("poison list")]
    [InlineData("poison show")]
    [InlineData("poison requeue")]
    [InlineData("upload-training")]
    [InlineData("models")]
    [InlineData("models list")]
    [InlineData("models show")]
    [InlineData("models publish")]
    [InlineData("models promote")]
    [InlineData("models rollback")]
    [InlineData("models history")]
    [InlineData("models verify")]
    [InlineData("demo")]
    public async Task Help_OfEveryCommand_HasExamples(string command)
    {
        var run = await CommandRun.OfAsync([.. command.Split(' '), "--help"]);

        run.Code.ShouldBe(ExitCode.Done);
        run.Output.ShouldContain($"Examples:");
        run.Output.ShouldContain($"  ipunet {command}", Case.Sensitive);
    }

    [Fact]
    public async Task Help_OfTheProgram_NamesTheCommands()
    {
        var run = await CommandRun.OfAsync("--help");

        run.Code.ShouldBe(ExitCode.Done);
        run.Output.ShouldContain("identify");
        foreach (CommandTitle elsewhere in (CommandTitle[])[CommandTitle.Evaluate, CommandTitle.Train, CommandTitle.Export, CommandTitle.Import, CommandTitle.Bench])
            run.Output.ShouldContain(elsewhere.Description);
    }

    [Theory]
    [InlineData("")]
    [InlineData("recognise")]
    [InlineData("enhance in")]
    [InlineData("enhance in --out out --faces some")]
    [InlineData("identify in --gallery g --top 0")]
    [InlineData("gallery")]
    [InlineData("gallery delete --gallery g")]
    [InlineData("up --port 0")]
    [InlineData("models promote")]
    [InlineData("gallery reembed --enqueue --forget-others")]
    [InlineData("models rollback --to -1")]
    public async Task Run_WithAWrongCommandLine_SaysWhatIsWrongAndExitsWith2(string commandLine)
    {
        var run = await CommandRun.OfAsync(commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Run_WithAFolderOfModelsThatIsNotThere_ExitsWith2()
    {
        var run = await CommandRun.OfAsync("models", "--models", "/no/such/folder");

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldBe("error: /no/such/folder: there is no such folder of models.\n", StringCompareShould.IgnoreLineEndings);
    }
}
