using IpuNet.Faces.Models;
using IpuNet.Service.Storage;

namespace IpuNet.Worker.Tests;

public sealed class WorkerTelemetryTests(AzuriteFixture azurite)
{
    private const int Images = 8;

    private static readonly string[] Spans = [
        "process face-batches", "download", "decode", "detect", "recognise", "embed", "match", "write", "report"];

    private static readonly string[] Instruments =
    [
        "ipunet.faces", "ipunet.images", "ipunet.queue.age", "ipunet.batch.fill", "ipunet.stage.duration", "ipunet.inference.duration",
        "resilience.polly.pipeline.duration",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Worker_WithACollector_SendsItTracesAndMetricsOfItsWork()
    {
        StorageOptions options = await azurite.NewOptionsAsync();
        var account = new StorageAccount(options);
        await account.CreateAllAsync(Cancellation);
        ProbeBatch batch = await ProbeBatch.CreateAsync(Images, ModelStore.Locate(), Cancellation);
        await batch.QueueAsync(account, Images, Cancellation);
        await using TelemetryReceiver collector = await TelemetryReceiver.StartAsync();

        await using (var worker = WorkerProcess.Start(
            ("Storage__ConnectionString", options.ConnectionString!),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Address.ToString()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")))
        {
            await batch.WaitAsync(account, TimeSpan.FromMinutes(1), Cancellation);
            // What is not yet sent is sent at the end.
            worker.Terminate();
            await worker.WaitForExitAsync(Cancellation);
        }

        Spans.Concat(Instruments).Where(name => !collector.Has(name)).ShouldBeEmpty();
    }
}
