using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;
using IpuNet.Faces.Files;

namespace IpuNet.Infrastructure.Tests.Bicep;

/// <summary>
/// The Bicep compiler from its package. It compiles each file once, with its modules and the rules of infra/bicepconfig.json.
/// </summary>
internal static class BicepCompiler
{
    private static readonly string Program = typeof(BicepCompiler).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(metadata => metadata.Key == "BicepPath").Value?.Replace('\\', Path.DirectorySeparatorChar) ?? "";

    private static readonly ConcurrentDictionary<string, Lazy<Task<(string Output, string Complaints)>>> Built = new();

    /// <summary>The whole infrastructure.</summary>
    public static Task<JsonObject> MainAsync() => TemplateAsync("infra/main.bicep");

    /// <summary>The part that is deployed after the Functions app's code.</summary>
    public static Task<JsonObject> SubscriptionAsync() => TemplateAsync("infra/events/subscription.bicep");

    /// <summary>Compiles a file.</summary>
    /// <returns>The template, and the complaints of the compiler and its linter.</returns>
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
            // The compiler unpacks itself. By default it uses the home folder, which not every user has.
            Environment = { ["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = UserFolder.Of("bicep") },
        };
        using Process process = Process.Start(start)!;
        Task<string> complaints = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (output, await complaints);
    }
}
