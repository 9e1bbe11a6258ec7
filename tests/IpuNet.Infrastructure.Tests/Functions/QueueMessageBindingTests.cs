using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Azure.Storage.Queues.Models;

namespace IpuNet.Infrastructure.Tests.Functions;

/// <summary>
/// Checks how a queue message gets from the Functions host to a function: the host writes it as JSON, and a package reads it. Gallery
/// changes are ordered by the message's insertion time, so that time must be right. An earlier version of the package gave the expiry time
/// instead.
/// </summary>
public sealed class QueueMessageBindingTests
{
    // The output of .ci/run.
    private const string Package =
        "artifacts/functions/bin/IpuNet.Functions/release/Microsoft.Azure.Functions.Worker.Extensions.Storage.Queues.dll";

    [Fact]
    public void Message_ComesAsItWasInTheQueue()
    {
        Assert.SkipUnless(
            File.Exists(Repository.PathOf(Package)),
            "Build it with: dotnet build src/IpuNet.Functions -c Release -p:AzureFunctions=true --artifacts-path artifacts/functions");
        DateTimeOffset inserted = new(2026, 3, 29, 1, 30, 17, TimeSpan.Zero);
        // Azure Storage's expiry time of messages that never expire.
        DateTimeOffset never = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);
        var body = new BinaryData("""{"schema":1,"größe":"写真"}""");
        QueueMessage sent = QueuesModelFactory.QueueMessage("id", "receipt", body, 3, inserted.AddMinutes(10), inserted, never);

        QueueMessage received = new BinaryData(sent).ToObjectFromJson<QueueMessage>(
            new JsonSerializerOptions { Converters = { Converter() } })!;

        (received.MessageId, received.DequeueCount, received.InsertedOn).ShouldBe((sent.MessageId, sent.DequeueCount, sent.InsertedOn));
        received.Body.ToString().ShouldBe(sent.Body.ToString());
    }

    private static JsonConverter Converter()
    {
        Type converter = Assembly.LoadFrom(Repository.PathOf(Package)).GetTypes().Single(type => type.Name == "QueueMessageJsonConverter");
        return (JsonConverter)Activator.CreateInstance(converter, nonPublic: true)!;
    }
}
