using System.Diagnostics;
using System.Text;
using System.Text.Json;
using IpuNet.CommandLine;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;

namespace IpuNet.Cli.Tests.CommandLine;

/// <summary>Whatever ends a command, ends it with one line and an exit code.</summary>
public sealed class FailedCommandTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Only the runtime throws some of these; here they are made to be told.
#pragma warning disable CA2201
    public static TheoryData<Exception, int, string> Kinds => new()
    {
        { new FaceDataException("a.png is no image.\nGive another."), ExitCode.SomeFailed, "error: a.png is no image. Give another." },
        { new UsageException("Nothing to do."), ExitCode.Usage, "error: Nothing to do." },
        {
            new AggregateException(new AggregateException(new IOException("The disk is full."))),
            ExitCode.SomeFailed,
            "error: The disk is full."
        },
        { new OutOfMemoryException(), ExitCode.SomeFailed, "error: There is not enough memory." },
        { new JsonException("'x' is invalid."), ExitCode.SomeFailed, "error: The JSON is damaged" },
        { new TaskCanceledException("The operation was canceled."), ExitCode.SomeFailed, "error: The operation took too long" },
        {
            new InvalidOperationException("Nobody thought of it."),
            ExitCode.Internal,
            "error: Internal error: InvalidOperationException: Nobody thought of it. Run again with --verbose"
        },
        { new NullReferenceException(), ExitCode.Internal, "error: Internal error: NullReferenceException" },
    };
#pragma warning restore CA2201

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task RunAsync_WhateverACommandThrows_IsOneLineAndAnExitCode(Exception error, int code, string line)
    {
        var (actual, errors) = await RunAsync(error, "models", "list");

        actual.ShouldBe(code);
        errors.ShouldStartWith(line);
        errors.TrimEnd().ShouldNotContain("\n");
    }

    [Theory]
    [InlineData("--verbose", "models", "list")]
    [InlineData("models", "list", "--verbose")]
    public async Task RunAsync_Verbose_SaysWhereTheErrorComesFrom(params string[] arguments)
    {
        var (code, errors) = await RunAsync(new InvalidOperationException("x"), arguments);

        code.ShouldBe(ExitCode.Internal);
        errors.ShouldContain("   at ");
    }

    [Fact]
    public async Task RunAsync_VerboseWithNothingWrong_IsAsWithout()
    {
        var run = await CommandRun.OfAsync("--verbose", "models", "list");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Errors.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(StartupHook.OnAThread, ExitCode.Internal, "error: Internal error: InvalidOperationException")]
    [InlineData(StartupHook.AsyncVoid, ExitCode.SomeFailed, "error: The disk is full.")]
    public async Task Process_WithAnExceptionThatNobodyCatches_EndsWithOneLine(string kind, int code, string line)
    {
        var (actual, _, errors) = await ProcessAsync(
            "dotnet", [Program, "--help"], (StartupHook.Throws, kind), ("DOTNET_STARTUP_HOOKS", typeof(StartupHook).Assembly.Location));

        actual.ShouldBe(code);
        errors.ShouldStartWith(line);
        errors.TrimEnd().ShouldNotContain("\n");
    }

    [Fact]
    public async Task Process_WhoseReaderHasGone_EndsQuietly()
    {
        var (_, output, errors) = await ProcessAsync("bash", ["-c", $"dotnet '{Program}' train --help | head -1"]);

        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(1);
        errors.ShouldBeEmpty();
    }

    private static string Program => Path.Combine(AppContext.BaseDirectory, "ipunet.dll");

    private static async Task<(int Code, string Errors)> RunAsync(Exception error, params string[] arguments)
    {
        using var errors = new StringWriter();
        await using var output = new FailingWriter(error);
        int code = await IpuNetCommands.Program.RunAsync(arguments, new Terminal(output, errors), Cancellation);
        return (code, errors.ToString());
    }

    private static async Task<(int Code, string Output, string Errors)> ProcessAsync(
        string program, string[] arguments, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(Cancellation),
        errors = process.StandardError.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, await output, await errors);
    }

    private sealed class FailingWriter(Exception error) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw error;

        public override void Write(string? value) => throw error;
    }
}
