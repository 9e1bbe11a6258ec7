using System.Text.RegularExpressions;
using IpuNet.CommandLine;

namespace IpuNet.Cli.Tests.CommandLine;

public sealed class VerboseTests(TestModels models) : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Verbose_OfACommandThatRunsModels_NamesThemAndTheTimeOfEachStageOnStandardError()
    {
        string[] command = ["enhance", _folder.WriteFace("a.png", person: 1, size: 16), "--out", _folder["out"]];

        var quiet = await models.RunAsync(command);
        var run = await models.RunAsync([.. command, "--verbose"]);

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldBe(quiet.Output);
        string[] lines = run.Errors.Split('\n');
        lines.ShouldContain(line => Regex.IsMatch(line, @"^model \S+@\d+: \d+\.\d\d s in \d+ runs$"));
        lines.ShouldContain(line => Regex.IsMatch(line, @"^stage enhance: \d+\.\d\d s in \d+ runs$"));
        lines.ShouldContain(line => Regex.IsMatch(line, @"^whole command: \d+\.\d\d s$"));
    }
}
