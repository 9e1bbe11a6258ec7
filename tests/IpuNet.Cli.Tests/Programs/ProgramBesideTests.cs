using IpuNet.CommandLine;

namespace IpuNet.Cli.Tests.Programs;

/// <summary>Commands that another program does, as users run them.</summary>
public sealed class ProgramBesideTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ProgramBesideTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are sent by 'kill'.");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task IpuNet_WhateverItDepends_KnowsNoTorch()
    {
        string dependencies = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "ipunet.deps.json"), Cancellation);

        dependencies.ShouldContain("IpuNet.Service");
        dependencies.ShouldNotContain("torch", Case.Insensitive);
        dependencies.ShouldNotContain("IpuNet.Training");
    }

    [Theory]
    [InlineData("train --help", "  ipunet train [<EXPERIMENT>]")]
    [InlineData("bench --help", "  ipunet bench [command]")]
    public async Task Help_OfACommandOfAnotherProgram_IsThatProgramsUnderTheUsersName(string command, string usage)
    {
        await using IpuNetProcess run = Start(command);

        (await run.ExitAsync()).ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldContain(usage);
    }

    [Fact]
    public async Task Train_InterruptedInItsTraining_SavesItAndEndsAsItAlwaysDid()
    {
        for (int face = 0; face < 8; face++)
            _folder.WriteFace($"data/faces/p{face / 2}/{face}.png", face);
        _folder.Write("experiment.json", """
            {
              "name": "test",
              "data": { "sets": [ { "folder": "faces", "identities": true } ] },
              "network": { "width": 2 },
              "schedule": { "batch": 2, "steps": 100000, "checkpointEvery": 1 },
              "validation": { "every": 100000, "people": 2, "sizes": [16], "pictures": 1 }
            }
            """);

        await using IpuNetProcess train = Start($"train {_folder["experiment.json"]} --data {_folder["data"]} --out {_folder["run"]}");
        await train.LineAsync("training faces");
        while (!File.Exists(Path.Combine(_folder["run"], "checkpoint.safetensors")))
        {
            train.RequireRunning();
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancellation);
        }

        train.Interrupt();

        (await train.ExitAsync()).ShouldBe(ExitCode.Stopped, train.Errors);
        train.Errors.ShouldContain("Stopped at step");
        File.Exists(Path.Combine(_folder["run"], "checkpoint.safetensors")).ShouldBeTrue();
    }

    [Fact]
    public async Task Train_WithAnExperimentThatIsNotThere_EndsWithTheOtherProgramsErrorAndExitCode()
    {
        await using IpuNetProcess train = Start($"train {_folder["nothing.json"]} --data {_folder["data"]}");

        (await train.ExitAsync()).ShouldBe(ExitCode.SomeFailed);
        train.Errors.ShouldContain("nothing.json: cannot be read as an experiment");
    }

    [Fact]
    public async Task Train_WhoseProgramIsNotThere_SaysWhatToDoInOneLine()
    {
        await using IpuNetProcess train = Start("train default", ("IPUNET_TRAINER", _folder["ipunet-trainer"]));

        (await train.ExitAsync()).ShouldBe(ExitCode.SomeFailed);
        train.Errors.ShouldBe(
            $"error: IPUNET_TRAINER names the program {_folder["ipunet-trainer"]}, which does not exist. Correct or unset it.");
    }

    private static IpuNetProcess Start(string command, params (string Name, string? Value)[] variables) =>
        IpuNetProcess.Start(command.Split(' '), variables.ToDictionary(variable => variable.Name, variable => variable.Value));
}
