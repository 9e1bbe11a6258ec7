using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using IpuNet.Faces.Files;

namespace IpuNet.Infrastructure.Tests.Bicep;

/// <summary>The Bicep compiler, from its package. It compiles each file once, with its modules, by the rules of infra/bicepconfig.json.</summary>
internal static class BicepCompiler
{
    private static readonly string Program = (Repository.Metadata("BicepPath") ?? "").Replace('\\', Path.DirectorySeparatorChar);
    private static readonly ConcurrentDictionary<string, Lazy<Task<(string Output, string Complaints)>>> Built = new();

    /// <summary>All of the infrastructure.</summary>
    public static Task<JsonObject> MainAsync() => TemplateAsync("infra/main.bicep");

    /// <summary>What is deployed after the Functions app's program.</summary>
    public static Task<JsonObject> SubscriptionAsync() => TemplateAsync("infra/events/subscription.bicep");

    /// <summary>Compiles a file.</summary>
    /// <returns>The template, and what the compiler and its linter complained of.</returns>
    public static Task<(string Output, string Complaints)> BuildAsync(string file)
    {
        Assert.SkipWhen(Program.Length == 0, "Bicep's package is for Linux on x64.");
        return Built.GetOrAdd(file, _ => new(() => Task.Run(() => RunAsync(file)))).Value;
    }

    private static async Task<JsonObject> TemplateAsync(string file) => JsonNode.Parse((await BuildAsync(file)).Output)!.AsObject();

    private static async Task<(string Output, string Complaints)> RunAsync(string file)
    {
        var start = new ProcessStartInfo(Program, ["build", Repository.PathOf(file), "--stdout"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // It unpacks itself, into the home folder otherwise, which not every user has.
            Environment = { ["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = UserFolder.Of("bicep") },
        };
        using Process process = Process.Start(start)!;
        Task<string> complaints = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (output, await complaints);
    }
}
