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
        run.Output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("galery list", "'galery' is not a command of `ipunet`.", "Did you mean `ipunet gallery`?")]
    [InlineData("galery --help", "'galery' is not a command of `ipunet`.", "Did you mean `ipunet gallery`?")]
    [InlineData("gallery lst", "'lst' is not a command of `ipunet gallery`.", "Did you mean `ipunet gallery list`?")]
    [InlineData("gallery ls --help", "'ls' is not a command of `ipunet gallery`.", "`ipunet gallery --help` lists the commands.")]
    [InlineData("registry foo", "'foo' is not a command of `ipunet registry`.", "`ipunet registry --help` lists the commands.")]
    [InlineData("identfiy in", "'identfiy' is not a command of `ipunet`.", "Did you mean `ipunet identify`?")]
    [InlineData("promote", "'promote' is not a command of `ipunet`.", "Did you mean `ipunet registry promote`?")]
    [InlineData("models --verify", "'--verify' is not an option of `ipunet models`.", "Did you mean `ipunet models verify`?")]
    [InlineData("verify a b c", "'c' is one argument too many for `ipunet verify`.", "`ipunet verify --help` shows the usage.")]
    [InlineData("status", "`ipunet status` needs BATCH: Name of the batch.", "`ipunet status --help` shows the usage.")]
    [InlineData(
        "gallery delete bob --gallery", "--gallery needs a value, DIR: Folder of the gallery.",
        "`ipunet gallery delete --help` shows the usage.")]
    [InlineData(
        "enrol in --gallery g --min-face abc", "--min-face must be a number of at least 0, not 'abc'.",
        "`ipunet enrol --help` shows the usage.")]
    [InlineData("up --port 0", "--port must be a whole number from 1 to 65,534, not '0'.", "`ipunet up --help` shows the usage.")]
    [InlineData(
        "identify in --gallery g --faces some", "--faces must be auto, detect or crop, not 'some'.",
        "`ipunet identify --help` shows the usage.")]
    [InlineData("completion fish", "SHELL must be bash, zsh or pwsh, not 'fish'.", "`ipunet completion --help` shows the usage.")]
    [InlineData(
        "identify in --gallery g --faces some --min-score x", "'--min-score' is not an option of `ipunet identify`.",
        "`ipunet identify --help` lists the options. For a file of this name, write './--min-score'.")]
    [InlineData(
        "enrol in --gallery g --min-face abc --retain all", "--retain must be crops or embeddings-only, not 'all'.",
        "`ipunet enrol --help` shows the usage.")]
    public async Task Run_WithAWrongCommandLine_IsOneErrorAndOneHint(string commandLine, string error, string hint) =>
        (await CommandRun.OfAsync(commandLine.Split(' '))).ShouldBeWrongUsage(error, hint);

    [Theory]
    [InlineData("gallery reembed --folder g --account acc", "--folder", "--account")]
    [InlineData("gallery reembed --folder g --connection-string c", "--folder", "--connection-string")]
    [InlineData("gallery reembed --enqueue --recogniser r", "--enqueue", "--recogniser")]
    [InlineData("gallery reembed --enqueue --models m", "--enqueue", "--models")]
    [InlineData("gallery list --gallery g --account acc", "--gallery", "--account")]
    [InlineData("registry list --account acc --connection-string c", "--account", "--connection-string")]
    public async Task Run_WithOptionsThatExcludeEachOther_NamesBoth(string commandLine, string one, string other)
    {
        var run = await CommandRun.OfAsync(commandLine.Split(' '));

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldStartWith($"error: {one} and {other} do not go together: leave one of them out.");
    }

    [Theory]
    [InlineData("identify in --galery g --gallery g", "--galery", "Did you mean --gallery?")]
    [InlineData("identify in --gallery --enhace", "--enhace", "Did you mean --enhance?")]
    [InlineData("gallery delete bob --galery=g", "--galery=g", "Did you mean --gallery?")]
    [InlineData("upload in --btach b", "--btach", "Did you mean --batch?")]
    [InlineData("models list --vrebose", "--vrebose", "Did you mean --verbose?")]
    [InlineData("verify -a b", "-a", "`ipunet verify --help` lists the options. For a file of this name, write './-a'.")]
    [InlineData("poison list --gallery g", "--gallery", "`ipunet poison list --help` lists the options.")]
    public async Task Run_WithAMisspeltOption_TakesItForNoFileAndNamesTheNearestOption(string commandLine, string option, string hint)
    {
        var run = await CommandRun.OfAsync(commandLine.Split(' '));

        run.Code.ShouldBe(ExitCode.Usage);
        string command = string.Join(' ', commandLine.Split(' ').TakeWhile(word => word is not ("in" or "bob") && word[0] != '-'));
        run.Errors.ShouldBe(
            $"error: '{option}' is not an option of `ipunet {command}`.\n{hint}\n", StringCompareShould.IgnoreLineEndings);
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
            "error: Option '--gallery' is required.\n`ipunet gallery delete --help` shows the usage.\n",
            StringCompareShould.IgnoreLineEndings);
        run.Output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("gallery", "ipunet gallery")]
    [InlineData("gallery --verbose", "ipunet gallery")]
    [InlineData("", "ipunet")]
    public async Task Run_WithoutACommand_IsOneErrorAndOneHint(string commandLine, string group)
    {
        var run = await CommandRun.OfAsync(commandLine.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldBe(
            $"error: `{group}` needs a command.\n`{group} --help` lists its commands.\n", StringCompareShould.IgnoreLineEndings);
        run.Output.ShouldBeEmpty();
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
    [InlineData("promote --help")]
    [InlineData("publish ipunet@4 --account ipunetprod")]
    [InlineData("rollback --to 3")]
    public async Task Models_WithACommandThatMovedToTheRegistry_NamesItsNewPlace(string commandLine)
    {
        var run = await CommandRun.OfAsync(["models", .. commandLine.Split(' ')]);

        string command = commandLine.Split(' ')[0];
        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldBe(
            $"error: `ipunet models {command}` has moved.\nUse `ipunet registry {command}`.\n", StringCompareShould.IgnoreLineEndings);
        run.Output.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("list", "--account", "ipunetprod")]
    [InlineData("show ipunet@3", "--connection-string", "x")]
    [InlineData("verify", "--account", "ipunetprod")]
    [InlineData("list", "--account", "--help")]
    public async Task Models_WithTheAccountThatMovedToTheRegistry_NamesItsNewPlace(string commandLine, string option, string value)
    {
        var run = await CommandRun.OfAsync(["models", .. commandLine.Split(' '), option, value]);

        string command = commandLine.Split(' ')[0];
        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldBe(
            $"error: {option} is not an option of `ipunet models {command}`: it has moved.\nUse `ipunet registry {command}`.\n",
            StringCompareShould.IgnoreLineEndings);
        run.Output.ShouldBeEmpty();
    }

    // As a script gives it whose variable is not set.
    [Theory]
    [InlineData("IN", "identify", "", "--gallery", "g")]
    [InlineData("--gallery", "identify", "in", "--gallery", "")]
    [InlineData("--gallery", "gallery", "list", "--gallery", " ")]
    [InlineData("--out", "enhance", "in", "--out", "")]
    [InlineData("--data", "up", "--data", "")]
    [InlineData("--models", "models", "list", "--models", "")]
    public async Task Run_AnEmptyValue_NamesWhereItStands(string name, params string[] arguments)
    {
        var run = await CommandRun.OfAsync(arguments);

        run.Code.ShouldBe(ExitCode.Usage);
        run.Output.ShouldBeEmpty();
        run.Errors.ShouldStartWith($"error: {name} is empty: write a value, or leave it out.");
    }

    [Theory]
    [InlineData("Bad Name")]
    [InlineData("ab")]
    [InlineData("https://x")]
    public async Task Run_AnAccountThatCannotBe_SaysWhatANameIs(string account)
    {
        var run = await CommandRun.OfAsync("status", "cam-7", "--account", account);

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldContain($"--account must be 3 to 24 lower-case letters and digits, not '{account}'.");
    }

    [Fact]
    public async Task Help_ByASlash_IsAPathOnUnix()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "On Windows /? asks for help.");

        var run = await CommandRun.OfAsync("enhance", "/?", "--out", "o");

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldBe("error: /?: there is no such folder.\n", StringCompareShould.IgnoreLineEndings);
    }
}
