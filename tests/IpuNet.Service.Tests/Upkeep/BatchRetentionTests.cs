using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;
using IpuNet.Service.Upkeep;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace IpuNet.Service.Tests.Upkeep;

public sealed class BatchRetentionTests(AzuriteFixture azurite)
{
    private const int Days = 30;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task CleanUpAsync_OfABatchWhoseTimeIsUp_RemovesItsUploadsAndResults()
    {
        StorageAccount account = await AccountWithAsync(
            "uploads/cam-7/1.png", "uploads/cam-7/a/2.png", "results/cam-7/1.png.json", "results/cam-7/1.png.face-0.png",
            "results/cam-7/summary.json");

        int removed = await RetentionOf(account, Days + 1).CleanUpAsync(Cancellation);

        removed.ShouldBe(5);
        (await BlobsAsync(account)).ShouldBeEmpty();
    }

    [Fact]
    public async Task CleanUpAsync_OfABatchWhoseTimeIsNotUp_RemovesNothing()
    {
        StorageAccount account = await AccountWithAsync("uploads/cam-7/1.png", "results/cam-7/1.png.json", "results/enrolments/7.json");

        int removed = await RetentionOf(account, Days - 1).CleanUpAsync(Cancellation);

        removed.ShouldBe(0);
        (await BlobsAsync(account)).Count.ShouldBe(3);
    }

    [Fact]
    public async Task CleanUpAsync_WithoutATime_KeepsAllForEver()
    {
        StorageAccount account = await AccountWithAsync("uploads/cam-7/1.png");

        int removed = await RetentionOf(account, 100_000, days: 0).CleanUpAsync(Cancellation);

        removed.ShouldBe(0);
        (await BlobsAsync(account)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task CleanUpAsync_OfOldAnswers_RemovesThemAndNothingElseOfTheirs()
    {
        StorageAccount account = await AccountWithAsync(
            "results/enrolments/7.json", "results/retraining/8.json", "results/enrolments/messages/x.json", "uploads/enrolments/7/1.png",
            "results/poison/enrolments/9.json", "galleries/default/subjects/ada.json", "models/current.json", "training/ada/1.png");

        await RetentionOf(account, Days + 1).CleanUpAsync(Cancellation);

        (await BlobsAsync(account)).ShouldBe(
            [
                "uploads/enrolments/7/1.png", "results/enrolments/messages/x.json", "results/poison/enrolments/9.json",
                "galleries/default/subjects/ada.json", "models/current.json", "training/ada/1.png",
            ],
            ignoreOrder: true);
    }

    [Fact]
    public async Task CleanUpAsync_WhileSomebodyTrains_LeavesTheLeaseAndWhatIsUnderWay()
    {
        StorageAccount account = await AccountWithAsync("results/retraining/8.json", "results/retraining/9/checkpoint.safetensors");
        await using TrainingLease lease = (
            await TrainingLease.TryAcquireAsync(account, TimeProvider.System, Cancellation)).ShouldNotBeNull();

        int removed = await RetentionOf(account, Days + 1).CleanUpAsync(Cancellation);

        removed.ShouldBe(1);
        (await BlobsAsync(account)).ShouldBe(
            ["results/retraining/9/checkpoint.safetensors", "results/retraining/lease"], ignoreOrder: true);
    }

    [Fact]
    public async Task CleanUpAsync_OfATrainingThatNobodyGoesOnWith_RemovesItAndNothingElseOfTheFolder()
    {
        StorageAccount account = await AccountWithAsync(
            "results/retraining/9/state.json", "results/retraining/9/checkpoint.safetensors", "results/retraining/9/best.safetensors",
            "results/retraining/messages/x.json", "results/retraining/_deleted/x.json");

        int removed = await RetentionOf(account, Days + 1).CleanUpAsync(Cancellation);

        removed.ShouldBe(3);
        (await BlobsAsync(account)).ShouldBe(
            ["results/retraining/_deleted/x.json", "results/retraining/lease", "results/retraining/messages/x.json"]);
        await using TrainingLease? free = await TrainingLease.TryAcquireAsync(account, TimeProvider.System, Cancellation);
        free.ShouldNotBeNull();
    }

    [Fact]
    public async Task CleanUpAsync_OfATrainingThatWasWrittenToLately_KeepsAllOfIt()
    {
        StorageAccount account = await AccountWithAsync("results/retraining/8/state.json", "results/retraining/9/state.json");
        BatchRetention retention = RetentionOf(account, Days);
        // The storage clock counts in seconds.
        await Task.Delay(TimeSpan.FromSeconds(1.1), Cancellation);
        await account.Container(StorageNames.Results)
            .UploadBlobAsync("retraining/9/checkpoint.safetensors", new BinaryData("x"), Cancellation);

        await retention.CleanUpAsync(Cancellation);

        (await BlobsAsync(account)).ShouldBe(
            ["results/retraining/9/checkpoint.safetensors", "results/retraining/9/state.json", "results/retraining/lease"]);
    }

    private static BatchRetention RetentionOf(StorageAccount account, int daysLater, int days = Days) => new(
        account, Options.Create(new RetentionOptions { Days = days }), new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(daysLater)),
        NullLogger<BatchRetention>.Instance);

    private async Task<StorageAccount> AccountWithAsync(params string[] blobs)
    {
        StorageAccount account = await azurite.NewAccountAsync();
        foreach (string[] parts in blobs.Select(blob => blob.Split('/', 2)))
            await account.Container(parts[0]).UploadBlobAsync(parts[1], new BinaryData("x"), Cancellation);
        return account;
    }

    private static async Task<IReadOnlyList<string>> BlobsAsync(StorageAccount account)
    {
        List<string> blobs = [];
        foreach (string container in StorageNames.Containers)
        {
            await foreach (BlobItem blob in account.Container(container).GetBlobsAsync(cancellationToken: Cancellation))
                blobs.Add($"{container}/{blob.Name}");
        }

        return blobs;
    }
}
