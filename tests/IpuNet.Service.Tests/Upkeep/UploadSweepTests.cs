using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using IpuNet.Service.Tests.Intake;
using IpuNet.Service.Upkeep;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IpuNet.Service.Tests.Upkeep;

public sealed class UploadSweepTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LookAsync_OfAnOldUploadThatNobodyWasToldOf_TakesItIn()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var host = new IntakeHost(account);
        await host.UploadAsync("cam-7/1.png", [1]);

        int given = await SweepOf(account, host, hoursLater: 26).LookAsync(Cancellation);

        given.ShouldBe(1);
        (await host.SentAsync()).Single().Images.ShouldBe(["uploads/cam-7/1.png"]);
    }

    [Fact]
    public async Task LookAsync_OfAnUploadWhoseEventMayStillCome_Waits()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var host = new IntakeHost(account);
        await host.UploadAsync("cam-7/1.png", [1]);

        int given = await SweepOf(account, host, hoursLater: 24).LookAsync(Cancellation);

        given.ShouldBe(0);
    }

    [Fact]
    public async Task LookAsync_OfAnUploadWithItsResult_LeavesItAlone()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var host = new IntakeHost(account);
        await host.UploadAsync("cam-7/1.png", [1]);
        string etag = (
            await account.Container(StorageNames.Uploads).GetBlobClient("cam-7/1.png").GetPropertiesAsync(
                cancellationToken: Cancellation)).Value.ETag.ToString();
        var results = account.Container(StorageNames.Results);
        await results.GetBlobClient("cam-7/1.png.json").UploadAsync(
            new BinaryData("{}"), new BlobUploadOptions { Metadata = new ResultMetadata(etag, ImageStatus.Ok).ToDictionary() },
            Cancellation);
        await results.UploadBlobAsync(StorageNames.Summary("cam-7"), new BinaryData("{}"), Cancellation);

        int given = await SweepOf(account, host, hoursLater: 26).LookAsync(Cancellation);

        given.ShouldBe(0);
    }

    [Fact]
    public async Task LookAsync_OfPicturesForEnrolments_LeavesThemAlone()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var host = new IntakeHost(account);
        await host.UploadAsync("enrolments/7/1.png", [1]);

        int given = await SweepOf(account, host, hoursLater: 26).LookAsync(Cancellation);

        given.ShouldBe(0);
    }

    private static UploadSweep SweepOf(StorageAccount account, IntakeHost host, int hoursLater) => new(
        account, host.Intake, new PoisonLog(account), new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(hoursLater)),
        NullLogger<UploadSweep>.Instance);
}
