using Azure;
using IpuNet.Contract;
using IpuNet.Service.Galleries;

namespace IpuNet.Service.Tests.Galleries;

public sealed class SubjectDeletionTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DeleteAsync_OfASubject_RemovesItWithItsPicturesAndNamesTrainingImages()
    {
        GalleryRig rig = await RigAsync();
        string own = GalleryRig.Picture("1/01.png"), others = GalleryRig.Picture("2/01.png");
        foreach (string image in (string[])[own, others, "training/ada/1.png"])
            await rig.UploadAsync(image);
        await rig.AddAsync("ada", 1, own, "training/ada/1.png");
        await rig.AddAsync("bob", 1, others);
        ETag stamp = await rig.StampAsync();

        SubjectRemoval removal = await rig.DeleteAsync("ada", 2);

        (removal.Embeddings, removal.Pictures, removal.Left).ShouldBe((2, 1, 0));
        removal.TrainingImages.ShouldBe(["training/ada/1.png"]);
        (await rig.ImagesAsync("ada")).ShouldBeNull();
        (await rig.ImagesAsync("bob")).ShouldBe([others]);
        (await rig.BlobsAsync(StorageNames.Uploads)).ShouldBe(["enrolments/2/01.png"]);
        (await rig.BlobsAsync(StorageNames.Training)).ShouldBe(["ada/1.png"]);
        (await rig.StampAsync()).ShouldNotBe(stamp);
    }

    [Fact]
    public async Task DeleteAsync_LeavesNoNameOfTheSubject()
    {
        GalleryRig rig = await RigAsync();
        await rig.AddAsync("ada", 1, "a");

        await rig.DeleteAsync("ada", 2);

        (await rig.BlobsAsync(StorageNames.Galleries)).ShouldAllBe(blob => !blob.Contains("ada"));
    }

    [Fact]
    public async Task DeleteAsync_OfNobody_RemovesNothing()
    {
        SubjectRemoval removal = await (await RigAsync()).DeleteAsync("ada", 1);

        (removal.Embeddings, removal.Pictures, removal.Left).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task DeleteAsync_OfADamagedRecord_RemovesIt()
    {
        GalleryRig rig = await RigAsync();
        await rig.Account.Container(StorageNames.Galleries)
            .GetBlobClient("staff/subjects/ada.json").UploadAsync(BinaryData.FromString("{"), Cancellation);

        (await rig.DeleteAsync("ada", 1)).Embeddings.ShouldBeNull();

        (await rig.BlobsAsync(StorageNames.Galleries)).ShouldNotContain("staff/subjects/ada.json");
    }

    [Fact]
    public async Task AddAsync_SentBeforeADeletion_ThrowsAndBringsNobodyBack()
    {
        GalleryRig rig = await RigAsync();
        await rig.DeleteAsync("ada", 2);

        foreach (int at in (int[])[1, 2])
            (await Should.ThrowAsync<FaceDataException>(() => rig.AddAsync("ada", at, "a"))).Message.ShouldContain(
                "deleted after this job was sent");

        (await rig.ImagesAsync("ada")).ShouldBeNull();
    }

    [Fact]
    public async Task AddAsync_SentAfterADeletion_EnrolsAgain()
    {
        GalleryRig rig = await RigAsync();
        await rig.DeleteAsync("ada", 2);

        await rig.AddAsync("ada", 3, "a");

        (await rig.ImagesAsync("ada")).ShouldBe(["a"]);
    }

    [Fact]
    public async Task DeleteAsync_SentBeforeFacesThatAreThere_KeepsThem()
    {
        GalleryRig rig = await RigAsync();
        await rig.AddAsync("ada", 1, "a", "b");
        await rig.AddAsync("ada", 3, "b", "c");

        SubjectRemoval removal = await rig.DeleteAsync("ada", 2);

        (removal.Embeddings, removal.Left).ShouldBe((1, 2));
        (await rig.ImagesAsync("ada")).ShouldBe(["b", "c"]);
    }

    [Fact]
    public async Task DeleteAsync_OfAnOlderDeletion_KeepsTheLaterTime()
    {
        GalleryRig rig = await RigAsync();
        await rig.DeleteAsync("ada", 5);
        await rig.DeleteAsync("ada", 2);

        await Should.ThrowAsync<FaceDataException>(() => rig.AddAsync("ada", 4, "a"));
    }

    [Fact]
    public async Task DeleteAsync_WhileOthersEnrol_LeavesOnlyWhatWasSentAfterwards()
    {
        const int writers = 20, deletedAt = 10;
        GalleryRig rig = await RigAsync();
        await rig.AddAsync("ada", 0, "first");

        await Parallel.ForAsync(0, writers + 1, new ParallelOptions { MaxDegreeOfParallelism = writers + 1 }, async (writer, _) =>
        {
            try
            {
                if (writer == writers)
                    await rig.DeleteAsync("ada", deletedAt);
                else
                    await rig.AddAsync("ada", writer, $"{writer}");
            }
            catch (FaceDataException refusal)
            {
                refusal.Message.ShouldContain("deleted");
                writer.ShouldBeLessThanOrEqualTo(deletedAt);
            }
        });

        (await rig.ImagesAsync("ada"))!.Select(int.Parse).Order().ShouldBe(Enumerable.Range(deletedAt + 1, writers - deletedAt - 1));
    }

    private async Task<GalleryRig> RigAsync() => new(await azurite.NewAccountAsync());
}
