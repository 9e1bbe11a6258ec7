using System.Text.Json;
using IpuNet.CommandLine.Programs;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.Testing;

/// <summary>The outcome of a command that ran in this process: exit code, standard output, standard error.</summary>
public sealed record CommandRun(int Code, string Output, string Errors)
{
    /// <summary>The program with the commands. A fixture of each test project sets it.</summary>
    public static TerminalProgram? Program { get; set; }

    public static Task<CommandRun> OfAsync(params string[] arguments) => OfAsync(TestContext.Current.CancellationToken, arguments);

    public static async Task<CommandRun> OfAsync(CancellationToken cancellation, params string[] arguments)
    {
        using StringWriter output = new(), errors = new();
        int code = await Program!.RunAsync(arguments, new Terminal(output, errors), cancellation);
        return new CommandRun(code, output.ToString(), errors.ToString());
    }

    /// <summary>The command line was wrong: one error, one hint, and nothing on standard output.</summary>
    public void ShouldBeWrongUsage(string error, string hint)
    {
        Code.ShouldBe(CommandLine.ExitCode.Usage);
        Errors.ShouldBe($"error: {error}\n{hint}\n", StringCompareShould.IgnoreLineEndings);
        Output.ShouldBeEmpty();
    }

    /// <summary>The output as JSON Lines.</summary>
    public IEnumerable<JsonElement> JsonLines() => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(
        line => JsonDocument.Parse(line).RootElement);
}
