using System.Runtime.Versioning;
using System.Text.RegularExpressions;
using IpuNet.CommandLine;
using IpuNet.Faces.Files;

namespace IpuNet.Cli.Tests;

/// <summary><c>ipunet</c> as a user runs it who has never run it, or who has no home, as in a container.</summary>
[UnsupportedOSPlatform("windows")]
public sealed partial class FreshMachineTests(TestModels models) : IAsyncLifetime
{
    // Nobody can make a folder there, root included.
    private const string NoHome = "/proc/nobody";

    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute |
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    // Variables of build servers. ONNX Runtime sends no telemetry if one is set.
    private static readonly string[] BuildServer =
        ["CI", "TF_BUILD", "GITHUB_ACTIONS", "BUILD_ID", "BUILD_BUILDID", "TEAMCITY_VERSION", "TRAVIS", "CIRCLECI", "APPVEYOR"];

    private readonly TestFolder _folder = new();

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks at Linux's /proc.");
        _folder.WriteFace("people/ada/1.png", person: 1);
        _folder.WriteFace("in/a.png", person: 1);
        _folder.Folder("tmp");
        (await models.RunAsync("enrol", _folder["people"], "--gallery", _folder["gallery"])).Code.ShouldBe(ExitCode.Done);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("train --help")]
    [InlineData("models list")]
    [InlineData("gallery list --gallery {gallery}")]
    [InlineData("identify {in} --gallery {gallery}")]
    public async Task Command_ThatTrainsNothing_LoadsNoTorch(string command)
    {
        string hook = typeof(StartupHook).Assembly.Location;
        await RunAsync(command, [.. NewHome(), ("DOTNET_STARTUP_HOOKS", hook), (StartupHook.Maps, _folder["maps"])]);

        string[] libraries = [.. File.ReadLines(_folder["maps"]).Select(Path.GetFileName).OfType<string>().Distinct()];
        libraries.ShouldContain(name => name.StartsWith("libcoreclr", StringComparison.Ordinal));
        libraries.Contains("libonnxruntime.so").ShouldBe(command.StartsWith("identify", StringComparison.Ordinal));
        libraries.ShouldNotContain(name => name.Contains("torch", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("--help", NoHome)]
    [InlineData("up --help", NoHome)]
    [InlineData("models list", NoHome)]
    [InlineData("gallery list --gallery {gallery}", NoHome)]
    [InlineData("gallery delete ada --gallery {gallery}", NoHome)]
    [InlineData("identify {in} --gallery {gallery}", NoHome)]
    [InlineData("identify {in} --gallery {gallery}", null)]
    [InlineData("verify {in}/a.png {in}/a.png", NoHome)]
    [InlineData("enhance {in} --out {out}", NoHome)]
    [InlineData("enrol {people} --gallery {other}", NoHome)]
    public Task Command_OfAUserWithoutAHome_Works(string command, string? home) =>
        RunAsync(command, ("HOME", home), ("LANG", "tr_TR.UTF-8"), ("TZ", "Asia/Kolkata"));

    [Fact]
    public async Task Train_OfAUserWithoutAHome_LoadsTorchAllTheSame()
    {
        for (int face = 0; face < 8; face++)
            _folder.WriteFace($"data/faces/p{face / 2}/{face}.png", face);
        _folder.Write("experiment.json", """
            {
              "name": "test",
              "data": { "sets": [ { "folder": "faces", "identities": true } ] },
              "network": { "width": 2 },
              "schedule": { "batch": 2, "steps": 1 },
              "validation": { "every": 1, "people": 2, "sizes": [16], "pictures": 1 }
            }
            """);

        await RunAsync("train {experiment.json} --data {data} --out {run}", ("HOME", NoHome));

        Files("tmp").ShouldBeEmpty();
    }

    [Fact]
    public async Task Status_OfAUserWithoutAHome_SaysThatNoLocalCloudRuns()
    {
        await using IpuNetProcess status = Start("status b", ("HOME", NoHome));

        (await status.ExitAsync()).ShouldBe(ExitCode.SomeFailed);
        status.Errors.ShouldContain("no local cloud is running");
    }

    [Fact]
    public async Task Up_OfAUserWithoutAHome_WantsAFolderForItsData()
    {
        await using IpuNetProcess up = Start("up", ("HOME", NoHome));

        (await up.ExitAsync()).ShouldBe(ExitCode.SomeFailed);
        up.Errors.ShouldContain("Name another folder with --data");
    }

    [Fact]
    public async Task Up_OfAUserWithoutAHomeWithAFolder_RunsAndKeepsItsFilesFromOthers()
    {
        await AzuriteFixture.Package.PathAsync();
        // It makes the user's folder.
        await using (IpuNetProcess status = Start("status b", ("HOME", NoHome)))
            await status.ExitAsync();
        string own = Directory.GetDirectories(_folder["tmp"]).ShouldHaveSingleItem();
        string link = Path.Combine(own, "azurite");
        Directory.CreateSymbolicLink(link, UserFolder.Of("azurite"));

        await using IpuNetProcess up = Start("up --data {cloud}", ("HOME", NoHome));
        await up.LineAsync("The local cloud runs at");
        await RunAsync("enqueue enrolment {in}/a.png --subject ada --wait", ("HOME", NoHome));
        up.Interrupt();
        (await up.ExitAsync()).ShouldBe(ExitCode.Stopped, up.Errors);

        Directory.Delete(link);
        // Most of them were written by Azurite, which is a child.
        Files("cloud").ShouldContain(file => file.Contains("__blobstorage__", StringComparison.Ordinal));
        ShouldBeClosedToOthers("cloud");
        ShouldBeClosedToOthers(own);
    }

    [Fact]
    public async Task Enhance_ToANewFolder_KeepsThePicturesFromOthers()
    {
        await RunAsync("enhance {in} --out {out}/new");

        Files("out/new").ShouldNotBeEmpty();
        ShouldBeClosedToOthers("out/new");
    }

    [Fact]
    public async Task Identify_WithAFreshHome_LeavesNothingThere()
    {
        await RunAsync("identify {in} --gallery {gallery}", NewHome());

        Files("home").ShouldBeEmpty();
        Files("tmp").ShouldBeEmpty();
    }

    private (string, string?)[] NewHome() => [("HOME", _folder.Folder("home")), ("XDG_CACHE_HOME", _folder["home/.cache"])];

    private Dictionary<string, string?> Variables(params IEnumerable<(string Name, string? Value)> others)
    {
        Dictionary<string, string?> variables = BuildServer.ToDictionary(name => name, _ => (string?)null);
        (variables["TMPDIR"], variables["IPUNET_MODELS"]) = (_folder["tmp"], models.Root);
        foreach (string name in (string[])["XDG_DATA_HOME", "XDG_CACHE_HOME", "ORT_DISABLE_TELEMETRY"])
            variables[name] = null;
        foreach ((string name, string? value) in others)
            variables[name] = value;
        return variables;
    }

    // {name} stands for a path in the test's folder.
    private IEnumerable<string> Arguments(string command) =>
        command.Split(' ').Select(word => Placeholder().Replace(word, match => _folder[match.Groups[1].Value]));

    private IpuNetProcess Start(string command, params (string, string?)[] variables) =>
        IpuNetProcess.Start(Arguments(command), Variables(variables));

    private async Task RunAsync(string command, params (string, string?)[] variables)
    {
        await using IpuNetProcess run = Start(command, variables);
        (await run.ExitAsync()).ShouldBe(ExitCode.Done, run.Errors);
    }

    private string[] Files(string folder) => Directory.GetFileSystemEntries(_folder[folder], "*", SearchOption.AllDirectories);

    private void ShouldBeClosedToOthers(string folder)
    {
        foreach (string entry in Files(folder).Prepend(_folder[folder]))
            (File.GetUnixFileMode(entry) & Others).ShouldBe(UnixFileMode.None, entry);
    }

    [GeneratedRegex("\\{([^}]+)\\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
