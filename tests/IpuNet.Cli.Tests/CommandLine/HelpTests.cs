using IpuNet.CommandLine;

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
    [InlineData("evaluate")]
    [InlineData("train")]
    [InlineData("upload-training")]
    [InlineData("export")]
    [InlineData("import face-api")]
    [InlineData("import facenet")]
    [InlineData("import arcface")]
    [InlineData("models")]
    [InlineData("models list")]
    [InlineData("models show")]
    [InlineData("models publish")]
    [InlineData("models promote")]
    [InlineData("models rollback")]
    [InlineData("models history")]
    [InlineData("models verify")]
    [InlineData("bench")]
    [InlineData("bench search")]
    [InlineData("bench service")]
    [InlineData("bench scaling")]
    [InlineData("bench reembed")]
    [InlineData("bench life")]
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
    }

    [Theory]
    [InlineData("")]
    [InlineData("recognise")]
    [InlineData("enhance in")]
    [InlineData("enhance in --out out --faces some")]
    [InlineData("identify in --gallery g --top 0")]
    [InlineData("gallery")]
    [InlineData("gallery delete --gallery g")]
    [InlineData("train x --data d --steps 0")]
    [InlineData("evaluate --pairs p --sizes 8,big")]
    [InlineData("bench --faces 0")]
    [InlineData("import weights")]
    [InlineData("up --port 0")]
    [InlineData("models promote")]
    [InlineData("gallery reembed --enqueue --forget-others")]
    [InlineData("models rollback --to -1")]
    [InlineData("bench life people")]
    [InlineData("bench life people --fixed others --rate 0")]
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
