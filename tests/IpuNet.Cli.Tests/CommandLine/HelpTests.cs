using IpuNet.CommandLine;

namespace IpuNet.Cli.Tests.CommandLine;

public class HelpTests
{
    [Theory]
    [InlineData("enhance")]
    [InlineData("enrol")]
    [InlineData("identify")]
    [InlineData("verify")]
    [InlineData("gallery list")]
    [InlineData("gallery delete")]
    [InlineData("gallery reembed")]
    [InlineData("gallery upload")]
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
    [InlineData("models list")]
    [InlineData("models show")]
    [InlineData("models verify")]
    [InlineData("registry list")]
    [InlineData("registry show")]
    [InlineData("registry history")]
    [InlineData("registry publish")]
    [InlineData("registry promote")]
    [InlineData("registry rollback")]
    [InlineData("registry verify")]
    [InlineData("demo")]
    [InlineData("completion")]
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
        CommandTitle[] elsewhere =
            [CommandTitle.Evaluate, CommandTitle.Train, CommandTitle.Export, CommandTitle.Import, CommandTitle.Bench];
        foreach (CommandTitle title in elsewhere)
            run.Output.ShouldContain(title.Description);
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
    [InlineData("registry promote")]
    [InlineData("gallery reembed --enqueue --forget-others")]
    [InlineData("gallery reembed --folder g --gallery g")]
    [InlineData("gallery reembed --folder g --enqueue")]
    [InlineData("gallery upload g")]
    [InlineData("enrol in --gallery g --retain all")]
    [InlineData("registry rollback --to -1")]
    [InlineData("completion fish")]
    public async Task Run_WithAWrongCommandLine_SaysWhatIsWrongAndExitsWith2(string commandLine)
    {
        var run = await CommandRun.OfAsync(commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("identify in --galery g --gallery g", "--galery")]
    [InlineData("verify -a b", "-a")]
    [InlineData("upload in --btach b", "--btach")]
    public async Task Run_WithAMisspeltOption_TakesItForNoFile(string commandLine, string option)
    {
        var run = await CommandRun.OfAsync(commandLine.Split(' '));

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldContain($"'{option}' is not an option of this command.");
    }

    [Theory]
    [InlineData("enhance --out o -- --faces")]
    [InlineData("enhance --out o ./--faces")]
    public async Task Run_WithAFileThatIsNamedAsAnOption_TakesIt(string commandLine)
    {
        var run = await CommandRun.OfAsync(commandLine.Split(' '));

        run.Errors.ShouldNotContain("is not an option");
        run.Errors.ShouldContain("--faces");
    }

    [Fact]
    public async Task Run_WithoutWhatACommandNeeds_SaysSoInALineAndWhereTheHelpIs()
    {
        var run = await CommandRun.OfAsync("gallery", "delete", "bob");

        run.Errors.ShouldBe(
            "Option '--gallery' is required.\n\n`ipunet gallery delete --help` shows the usage.\n",
            StringCompareShould.IgnoreLineEndings);
        run.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task Run_WithoutACommand_ListsThem()
    {
        var run = await CommandRun.OfAsync("gallery");

        run.Output.ShouldContain("reembed");
    }

    [Fact]
    public async Task Run_WithAFolderOfModelsThatIsNotThere_ExitsWith2()
    {
        var run = await CommandRun.OfAsync("models", "list", "--models", "/no/such/folder");

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldBe(
            "error: /no/such/folder: no such folder of models. Name another with --models.\n", StringCompareShould.IgnoreLineEndings);
    }

    [Theory]
    [InlineData("history")]
    [InlineData("promote ipunet@4 --reason better")]
    [InlineData("publish ipunet@4 --account ipunetprod")]
    [InlineData("rollback --to 3")]
    public async Task Models_WithACommandThatMovedToTheRegistry_NamesItsNewPlace(string commandLine)
    {
        var run = await CommandRun.OfAsync(["models", .. commandLine.Split(' ')]);

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldBe(
            $"error: This command has moved: use `ipunet registry {commandLine.Split(' ')[0]}`.\n", StringCompareShould.IgnoreLineEndings);
    }
}
