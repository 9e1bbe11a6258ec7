using IpuNet.Contract;
using IpuNet.Service.Enrolment;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Tests.Enrolment;

public sealed class IntendedRemovalsTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"embeddings":5,"pictures":5}""")]
    [InlineData("""{"embeddings":5,"pictures":5,"trainingImages":[null]}""")]
    [InlineData("""{"embeddings":5,"pictures":5,"trainingImages":[],"crops":5,"crops":6}""")]
    [InlineData("""{"embeddings":5,""")]
    public async Task AddAsync_ToADamagedRecord_CountsItAsNone(string record)
    {
        StorageAccount account = await azurite.NewAccountAsync();
        await account.Container(StorageNames.Results).UploadBlobAsync(
            StorageNames.IntendedRemoval("7"), BinaryData.FromString(record), Cancellation);
        var removals = new IntendedRemovals(account, TimeProvider.System);

        await removals.AddAsync("7", new RemovedSubject(1, 2, ["training/ada/1.png"], 3, 4), Cancellation);

        (await removals.FindAsync("7", Cancellation)).ShouldNotBeNull().ShouldSatisfyAllConditions(
            all => (all.Embeddings, all.Pictures, all.Crops, all.Strips).ShouldBe((1, 2, 3, 4)),
            all => all.TrainingImages.ShouldBe(["training/ada/1.png"]));
    }
}
