using System.Diagnostics;
using System.Text.Json.Nodes;

namespace IpuNet.Infrastructure.Tests.Hooks;

/// <summary>Runs the hook with a replacement for az that records its arguments. The real az needs a subscription.</summary>
public sealed class SubscribeHookTests : IDisposable
{
    private const string Key = "k3y/of+the=host";

    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-hook-").FullName;

    [Fact]
    public async Task Subscribe_GivesTheKeyToEventGridAndToNobodyElse()
    {
        var (code, output) = await RunAsync(Key);

        code.ShouldBe(0, output);
        JsonNode parameters = JsonNode.Parse(
            await File.ReadAllTextAsync(Path.Combine(_folder, "parameters.json"), TestContext.Current.CancellationToken))!["parameters"]!;
        parameters["endpoint"]!["value"]!.GetValue<string>().ShouldBe(
            $"https://func-x.azurewebsites.net/runtime/webhooks/blobs?functionName=Host.Functions.TakeUpload&code={Key}");
        parameters["topicName"]!["value"]!.GetValue<string>().ShouldBe("evgt-x");
        output.ShouldNotContain(Key);
        Calls().ShouldNotContain(Key);
        Calls().ShouldContain("infra/hooks/../events/subscription.bicep");
        Directory.EnumerateFiles(_folder, "tmp.*").ShouldBeEmpty();
    }

    [Fact]
    public async Task Subscribe_WithoutAKey_FailsAndSaysWhy()
    {
        var (code, output) = await RunAsync("");

        code.ShouldBe(1);
        output.ShouldContain("func-x has made no key");
        Calls().ShouldNotContain("deployment group create");
    }

    [Fact]
    public async Task Subscribe_BeforeProvision_FailsAndSaysWhatIsMissing()
    {
        var (code, output) = await RunAsync(Key, ("IPUNET_TOPIC", ""));

        code.ShouldBe(1);
        output.ShouldContain("IPUNET_TOPIC is not set");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Calls() => File.Exists(Path.Combine(_folder, "calls")) ? File.ReadAllText(Path.Combine(_folder, "calls")) : "";

    private async Task<(int Code, string Output)> RunAsync(string key, params (string Name, string Value)[] environment)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The hook is for sh.");
        string az = Path.Combine(_folder, "az");
        await File.WriteAllTextAsync(
            az,
            $"""
            #!/bin/sh
            echo "$*" >> "{_folder}/calls"
            case "$1" in
              functionapp) echo "{key}" ;;
              deployment) for last; do case "$last" in @*) cp "$(echo "$last" | cut -c2-)" "{_folder}/parameters.json" ;; esac; done ;;
            esac
            """,
            TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(az, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo("sh", [Repository.PathOf("infra/hooks/subscribe.sh")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        (string, string)[] defaults =
        [
            ("PATH", $"{_folder}:/usr/bin:/bin"), ("TMPDIR", _folder), ("AZURE_RESOURCE_GROUP", "rg-x"), ("IPUNET_FUNCTIONS_APP", "func-x"),
            ("IPUNET_TOPIC", "evgt-x"),
            ("IPUNET_HOST_ACCOUNT_ID", "/host"), ("IPUNET_EVENTS_IDENTITY_ID", "/identity"), ("IPUNET_KEY_TRIES", "2"),
            ("IPUNET_KEY_PAUSE", "0"),
        ];
        foreach (var (name, value) in defaults.Concat(environment))
            start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output + await errors);
    }
}
