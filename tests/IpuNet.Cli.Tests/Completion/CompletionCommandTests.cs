using IpuNet.CommandLine;
using IpuNet.LocalCloud.Npm;

namespace IpuNet.Cli.Tests.Completion;

public sealed class CompletionCommandTests
{
    private static string Folder => Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);

    [Theory]
    [InlineData("gal", "gallery")]
    [InlineData("gallery re", "reembed")]
    [InlineData("identify --enh", "--enhance")]
    [InlineData("identify --enhance a", "auto")]
    [InlineData("identify --enhance ", "auto off on")]
    [InlineData("completion ", "bash pwsh zsh --help --verbose")]
    public async Task Bash_AfterAWordThatIsBegun_CompletesIt(string words, string completed) =>
        (await CompleteAsync($"{Folder}/ipunet", words.Split(' '))).ShouldBe(completed);

    [Theory]
    [InlineData("~/ipunet")]
    [InlineData("$HOME/ipunet")]
    [InlineData("'~'/ipunet")]
    [InlineData("\"FOLDER\"/ipunet")]
    [InlineData("'FOLDER'/ipunet")]
    [InlineData("./ipunet")]
    public async Task Bash_CalledByAPath_Completes(string program) =>
        (await CompleteAsync(program.Replace("FOLDER", Folder, StringComparison.Ordinal), "gallery", "re")).ShouldBe("reembed");

    [Fact]
    public async Task Bash_AfterTheProgram_OffersCommandsThenOptionsAndEachByOneName()
    {
        string[] offered = (await CompleteAsync("./ipunet", "")).Split(' ');

        offered.TakeWhile(word => word[0] != '-').ShouldBe(offered.Where(word => word[0] != '-'));
        offered.ShouldContain("enrol");
        offered.ShouldContain("--help");
        offered.ShouldNotContain("enroll");
        offered.ShouldNotContain("-h");
        offered.ShouldNotContain("-?");
        offered.ShouldNotContain("/?");
    }

    [Fact]
    public async Task Bash_AfterACommand_OffersItsOwnOptionsFirst()
    {
        string[] offered = (await CompleteAsync("./ipunet", "gallery", "list", "--")).Split(' ');

        offered[^2..].ShouldBe(["--help", "--verbose"]);
        offered[..^2].ShouldBe(["--account", "--connection-string", "--gallery", "--json", "--stored"]);
    }

    [Theory]
    [InlineData("zsh", "compdef _ipunet ipunet")]
    [InlineData("pwsh", "Register-ArgumentCompleter -Native -CommandName ipunet")]
    public async Task Completion_OfAnotherShell_IsItsScript(string shell, string part)
    {
        var run = await CommandRun.OfAsync("completion", shell);

        run.Code.ShouldBe(ExitCode.Done);
        run.Output.ShouldContain(part);
    }

    // Calls the function as bash does: with the line as it was typed, and its words with tildes and quotes.
    private static async Task<string> CompleteAsync(string program, params string[] words)
    {
        string script = (await CommandRun.OfAsync("completion", "bash")).Output;
        string shell = $$"""
            {{script}}
            HOME=$1
            shift
            COMP_LINE=$* COMP_WORDS=("$@")
            COMP_POINT=${#COMP_LINE} COMP_CWORD=$(($# - 1))
            _ipunet
            echo "${COMPREPLY[@]}"
            """;
        string output = await ProcessRun.RequireAsync(
            "bash", ["-c", shell, "bash", Folder, program, .. words], Folder, "", TestContext.Current.CancellationToken);
        return output.Trim();
    }
}
