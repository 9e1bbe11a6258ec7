using System.Text.Json.Nodes;

namespace IpuNet.Infrastructure.Tests.Functions;

/// <summary>Checks the metadata for the Functions host, if the app was built. Its packages are not available everywhere.</summary>
public sealed class FunctionMetadataTests
{
    // The output of .ci/run.
    private const string Metadata = "artifacts/functions/bin/IpuNet.Functions/release/functions.metadata";

    [Fact]
    public void Metadata_IsThatOfTheSource()
    {
        Assert.SkipUnless(
            File.Exists(Repository.PathOf(Metadata)),
            "Build it with: dotnet build src/IpuNet.Functions -c Release -p:AzureFunctions=true --artifacts-path artifacts/functions");

        string[] built =
        [
            .. JsonNode.Parse(Repository.Read(Metadata))!.AsArray()
                .Select(function => $"{function!["name"]} {Describe(function["bindings"]!.AsArray().Single()!)}"),
        ];

        built.ShouldBe(FunctionSources.All.Value.Select(function => $"{function.Name} {Describe(function.Trigger)}"), ignoreOrder: true);
    }

    private static string Describe(JsonNode binding) => binding["type"]!.GetValue<string>() switch
    {
        "blobTrigger" => $"BlobTrigger {binding["path"]} {binding["connection"]} {binding["source"]}",
        "queueTrigger" => $"QueueTrigger {binding["queueName"]} {binding["connection"]} ",
        var type => $"TimerTrigger {binding["schedule"]}  {(type == "timerTrigger" ? "" : type)}",
    };

    private static string Describe(Trigger trigger) =>
        $"{trigger.Kind} {trigger.Value} {trigger.Connection} {trigger.Source?.Split('.')[^1]}";
}
