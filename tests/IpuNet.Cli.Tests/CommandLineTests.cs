namespace IpuNet.Cli.Tests;

public sealed class CommandLineTests : IDisposable
{
    private readonly WorkFolder _folder = new();

    [Theory]
    [InlineData("enhance")]
    [InlineData("enroll")]
    [InlineData("identify")]
    [InlineData("verify")]
    [InlineData("evaluate")]
    [InlineData("train")]
    [InlineData("export")]
    [InlineData("import")]
    [InlineData("models")]
    [InlineData("bench")]
    [InlineData("demo")]
    public async Task Help_OfACommand_ShowsExamples(string command)
    {
        CommandRun run = await CommandRun.Of(command, "--help");

        run.ExitCode.ShouldBe(0);
        run.Output.ShouldContain("Examples:");
        run.Output.ShouldContain($"ipunet {command}");
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("enhance")]
    [InlineData("identify", "a.png", "--gallery", "g", "--faces", "sideways")]
    public async Task Run_WrongUsage_ExitsWith2(params string[] arguments) => (await CommandRun.Of(arguments)).ExitCode.ShouldBe(2);

    [Fact]
    public async Task Models_AsShipped_VerifyTheirChecksums()
    {
        CommandRun run = await CommandRun.Of("models", "--verify");

        run.ExitCode.ShouldBe(0, run.Errors);
        foreach (string id in (string[])["ipunet@1", "dlib-resnet29@1", "ssd-mobilenet-v1@1", "face-landmark-68@1"])
            run.Output.ShouldContain(id);
    }

    [Fact]
    public async Task Enhance_ModelWasChanged_NamesTheFileAndBothChecksums()
    {
        string models = _folder.Path("models");
        foreach (string file in Directory.EnumerateFiles(IpuNet.Faces.Models.ModelStore.Locate().Root, "*", SearchOption.AllDirectories).Where(f => !f.Contains("node_modules", StringComparison.Ordinal)))
            _folder.Write(Path.Combine("models", Path.GetRelativePath(IpuNet.Faces.Models.ModelStore.Locate().Root, file)), File.ReadAllBytes(file));
        string model = Path.Combine(models, "ipunet", "1", "model.onnx");
        byte[] bytes = File.ReadAllBytes(model);
        bytes[^100] ^= 1;
        File.WriteAllBytes(model, bytes);

        CommandRun run = await CommandRun.Of("enhance", _folder.WriteCrop("a.png"), "--faces", "crop", "--out", _folder.Path("out"), "--models", models);

        run.ExitCode.ShouldBe(1);
        run.Errors.ShouldContain("model.onnx");
        run.Errors.ShouldContain("SHA-256");
    }

    [Fact]
    public async Task Train_NoSuchExperiment_SaysSo()
    {
        CommandRun run = await CommandRun.Of("train", _folder.Path("nothing.json"), "--data", _folder.Root);

        run.ExitCode.ShouldNotBe(0);
        run.Errors.ShouldContain("nothing.json");
    }

    [Fact]
    public async Task Export_NoRun_SaysWhatIsMissing()
    {
        CommandRun run = await CommandRun.Of("export", _folder.Root);

        run.ExitCode.ShouldBe(1);
        run.Errors.ShouldContain("checkpoint.safetensors");
    }

    [Fact]
    public async Task Import_NoPackage_SaysHowToGetIt()
    {
        CommandRun run = await CommandRun.Of("import", "face-api", "--package", _folder.Path("none"), "--models", _folder.Root);

        run.ExitCode.ShouldNotBe(0);
        run.Errors.ShouldContain("none");
    }

    public void Dispose() => _folder.Dispose();
}
