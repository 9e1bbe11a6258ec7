using IpuNet.CommandLine.Programs;
using IpuNet.CommandLine.Terminals;

namespace IpuNet.Testing;

/// <summary>A command that was run in this process: its exit code and what it wrote.</summary>
public sealed record CommandRun(int Code, string Output, string Errors)
{
    /// <summary>The program whose commands are run, which each project of tests says by a fixture.</summary>
    public static TerminalProgram? Program { get; set; }

    public static Task<CommandRun> OfAsync(params string[] arguments) => OfAsync(TestContext.Current.CancellationToken, arguments);

    public static async Task<CommandRun> OfAsync(CancellationToken cancellation, params string[] arguments)
    {
        using StringWriter output = new(), errors = new();
        int code = await Program!.RunAsync(arguments, new Terminal(output, errors), cancellation);
        return new CommandRun(code, output.ToString(), errors.ToString());
    }
}
