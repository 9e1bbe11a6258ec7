using IpuNet.Cli.CommandLine;
using IpuNet.Cli.Terminals;

namespace IpuNet.Cli.Tests;

/// <summary>A command line that was run in this process: its exit code and what it said.</summary>
internal sealed record CommandRun(int ExitCode, string Output, string Errors)
{
    public static async Task<CommandRun> Of(params string[] arguments)
    {
        using StringWriter output = new(), errors = new();
        int code = await IpuNetCommandLine.RunAsync(arguments, new Terminal(output, errors), TestContext.Current.CancellationToken);
        return new CommandRun(code, output.ToString(), errors.ToString());
    }
}
