using IpuNet.CommandLine;
using IpuNet.LocalCloud.Npm;

namespace IpuNet.Cli.Tests.Completion;

public sealed class CompletionCommandTests
{
    [Theory]
    [InlineData("ipunet gal", "gallery")]
    [InlineData("ipunet gallery re", "reembed")]
    [InlineData("ipunet identify --enh", "--enhance")]
    [InlineData("ipunet identify --enhance a", "auto")]
    public async Task Bash_AfterAWordThatIsBegun_CompletesIt(string line, string completed)
    {
        string script = (await CommandRun.OfAsync("completion", "bash")).Output;
        string[] words = line.Split(' ');
        string program = Path.Combine(AppContext.BaseDirectory, "ipunet");
        string shell = $$"""
            {{script}}
            COMP_LINE='{{line}}' COMP_POINT={{line.Length}} COMP_CWORD={{words.Length - 1}}
            COMP_WORDS=('{{program}}' {{string.Join(' ', words[1..])}})
            _ipunet
            echo "${COMPREPLY[@]}"
            """;

        string output = await ProcessRun.RequireAsync(
            "bash", ["-c", shell], AppContext.BaseDirectory, "", TestContext.Current.CancellationToken);

        output.Trim().ShouldBe(completed);
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
}
