using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Azure.Storage.Queues.Models;

namespace IpuNet.Infrastructure.Tests.Functions;

/// <summary>
/// How a queue's message comes from the Functions host to a function: the host writes it as JSON, and a package reads it. By the time in it changes of a gallery
/// are put in order, so it has to be the right one: an earlier version of the package gave that at which the message expires.
/// </summary>
public sealed class QueueMessageBindingTests
{
    // Where .ci/run builds the app.
    private const string Package = "artifacts/functions/bin/IpuNet.Functions/release/Microsoft.Azure.Functions.Worker.Extensions.Storage.Queues.dll";

    [Fact]
    public void Message_ComesAsItWasInTheQueue()
    {
        Assert.SkipUnless(File.Exists(Repository.PathOf(Package)), "Build it with: dotnet build src/IpuNet.Functions -c Release -p:AzureFunctions=true --artifacts-path artifacts/functions");
        DateTimeOffset inserted = new(2026, 3, 29, 1, 30, 17, TimeSpan.Zero);
        // Storage says this of messages that never expire.
        DateTimeOffset never = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);
        QueueMessage sent = QueuesModelFactory.QueueMessage("id", "receipt", new BinaryData("""{"schema":1,"größe":"写真"}"""), 3, inserted.AddMinutes(10), inserted, never);

        QueueMessage received = new BinaryData(sent).ToObjectFromJson<QueueMessage>(new JsonSerializerOptions { Converters = { Converter() } })!;

        (received.MessageId, received.DequeueCount, received.InsertedOn).ShouldBe((sent.MessageId, sent.DequeueCount, sent.InsertedOn));
        received.Body.ToString().ShouldBe(sent.Body.ToString());
    }

    private static JsonConverter Converter()
    {
        Type converter = Assembly.LoadFrom(Repository.PathOf(Package)).GetTypes().Single(type => type.Name == "QueueMessageJsonConverter");
        return (JsonConverter)Activator.CreateInstance(converter, nonPublic: true)!;
    }
}
