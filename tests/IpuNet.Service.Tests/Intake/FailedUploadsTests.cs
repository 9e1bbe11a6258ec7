using IpuNet.Contract;
using IpuNet.Service.Intake;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Tests.Intake;

public sealed class FailedUploadsTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // A message as the Functions host writes it.
    [Fact]
    public async Task HandleAsync_OfAnUpload_PutsItIntoPoisonWithAReason()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var host = new IntakeHost(account);
        const string message = """
            {"Type":"BlobTrigger","FunctionId":"Host.Functions.TakeUpload","BlobType":"Block","ContainerName":"uploads",
             "BlobName":"cam-7/1.png","ETag":"\"0x8\""}
            """;

        await new FailedUploads(host.Intake).HandleAsync(message, Cancellation);

        PoisonEntry[] entries = await host.Poison.ListAsync(Cancellation).ToArrayAsync(Cancellation);
        PoisonEntry entry = entries.Single();
        entry.Queue.ShouldBe(StorageNames.Uploads);
        entry.Body.ShouldBe("cam-7/1.png");
        entry.Reason.ShouldContain("uploads/cam-7/1.png");
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("""{"ContainerName":"results","BlobName":"cam-7/1.png"}""")]
    [InlineData("""{"ContainerName":"uploads","BlobName":""}""")]
    [InlineData("null")]
    public async Task HandleAsync_OfWhatNamesNoUpload_IsAnError(string message)
    {
        var host = new IntakeHost(await azurite.NewAccountAsync());

        await Should.ThrowAsync<JobRefusedException>(() => new FailedUploads(host.Intake).HandleAsync(message, Cancellation));
    }
}
