using System.Text.Json;
using Azure;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Reports;
using IpuNet.Service.Galleries;

namespace IpuNet.Service.Tests.Galleries;

public sealed class BlobGalleryTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // Who is not told of a deletion keeps the subject, and nobody notices.
    [Fact]
    public async Task Traces_AreAllThatIsKeptOfSubjects()
    {
        GalleryRig rig = await RigAsync();

        rig.Gallery.Traces.Select(traces => traces.GetType()).ShouldBe(
            typeof(BlobGallery).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(typeof(ISubjectTraces))),
            ignoreOrder: true);
        rig.Gallery.Traces.Select(traces => traces.Kind).ShouldBe(Enum.GetValues<SubjectTrace>(), ignoreOrder: true);
    }

    [Fact]
    public async Task DeleteAsync_HasAllForgetTheSubject()
    {
        GalleryRig rig = await RigAsync();
        string picture = GalleryRig.Picture("1/01.png");
        await rig.UploadAsync(picture);
        await rig.Gallery.KeepAsync("ada", [(GalleryRig.Face(picture, 1), TestFolder.Pattern(1, 128))], Cancellation);
        await rig.AddAsync("ada", 1, picture);
        var face = new ReportPicture([1, 2, 3], "image/png", "A face", Mark: PictureMarks.Of("ada"));
        await new RetrainingPages(rig.Account, TimeProvider.System).WriteAsync(
            "7", new HtmlPage("Retraining", "").Pictures([face]), Cancellation);

        SubjectRemoval removal = await rig.DeleteAsync("ada", 2);

        (removal.Pictures, removal.Crops, removal.Strips).ShouldBe((1, 1, 1));
        (await rig.BlobsAsync(StorageNames.Uploads)).ShouldBeEmpty();
        (await rig.BlobsAsync(StorageNames.Galleries)).ShouldNotContain(blob => blob.StartsWith("staff/crops/", StringComparison.Ordinal));
    }

    // An attempt at an older job may end after the deletion.
    [Fact]
    public async Task RequireNotDeletedAsync_OfADeletedSubject_HasAllForgetWhatCameLater()
    {
        GalleryRig rig = await RigAsync();
        await rig.DeleteAsync("ada", 2);
        await rig.Gallery.KeepAsync("ada", [(GalleryRig.Face("a", 1), TestFolder.Pattern(1, 128))], Cancellation);

        await Should.ThrowAsync<FaceDataException>(() => rig.Gallery.RequireNotDeletedAsync("ada", GalleryRig.At(1), Cancellation));

        (await rig.BlobsAsync(StorageNames.Galleries)).ShouldNotContain(blob => blob.StartsWith("staff/crops/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task AddAsync_ToANewGallery_MakesTheGalleryTheSubjectAndTheStamp()
    {
        GalleryRig rig = await RigAsync();

        await rig.AddAsync("ada", 1, "a", "b");

        (await rig.BlobsAsync(StorageNames.Galleries)).ShouldBe(
            ["staff/gallery.json", "staff/index/stamp.json", "staff/subjects/ada.json"]);
        (await rig.ImagesAsync("ada")).ShouldBe(["a", "b"]);
        BinaryData marker = (
            await rig.Account.Container(StorageNames.Galleries)
                .GetBlobClient("staff/gallery.json").DownloadContentAsync(Cancellation)).Value.Content;
        using JsonDocument json = JsonDocument.Parse(marker);
        json.RootElement.GetProperty("schema").GetInt32().ShouldBe(1);
        json.RootElement.GetProperty("createdAt").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddHours(-1));
    }

    [Fact]
    public async Task AddAsync_Twice_LeavesTheSubjectAsItIsAndRenewsTheStamp()
    {
        GalleryRig rig = await RigAsync();
        byte[] once = (await rig.AddAsync("ada", 1, "a")).ToJson();
        ETag stamp = await rig.StampAsync();

        await rig.AddAsync("ada", 1, "a");

        (await rig.Gallery.FindAsync("ada", Cancellation))!.ToJson().ShouldBe(once);
        (await rig.StampAsync()).ShouldNotBe(stamp);
    }

    [Fact]
    public async Task AddAsync_OfOtherModels_ThrowsAndChangesNothing()
    {
        GalleryRig rig = await RigAsync();
        await rig.AddAsync("ada", 1, "a");

        FaceDataException error = await Should.ThrowAsync<FaceDataException>(
            () => rig.Gallery.AddAsync(
                "ada", [GalleryRig.Face("b", 2, new EmbeddingSource("other@1", "alignment@1"))], GalleryRig.At(2), Cancellation));

        error.Message.ShouldContain("other@1");
        (await rig.ImagesAsync("ada")).ShouldBe(["a"]);
    }

    // The rules named the former models for ever: the first subject was enrolled and not found, and the second refused.
    [Fact]
    public async Task AddAsync_OfOtherModelsWhereNobodyIsLeft_MakesTheGalleryOfThose()
    {
        GalleryRig rig = await RigAsync();
        await rig.AddAsync("ada", 1, "a");
        await rig.DeleteAsync("ada", 2);
        var other = new EmbeddingSource("other@1", "alignment@1");

        foreach (string subject in (string[])["bob", "eve"])
            await rig.Gallery.AddAsync(subject, [GalleryRig.Face(subject, 3, other)], GalleryRig.At(3), Cancellation);

        using var cache = new GalleryCache(rig.Account, TimeProvider.System);
        (await cache.GetAsync(GalleryRig.Name, other, 2, Cancellation))!.SubjectCount.ShouldBe(2);
    }

    [Fact]
    public async Task AddAsync_ByManyWriters_LosesNothing()
    {
        const int writers = 24, subjects = 3;
        GalleryRig rig = await RigAsync();

        await Parallel.ForAsync(0, writers, new ParallelOptions { MaxDegreeOfParallelism = writers }, async (writer, _) =>
        {
            var gallery = new BlobGallery(rig.Account, GalleryRig.Name, TimeProvider.System);
            for (int subject = 0; subject < subjects; subject++)
                await gallery.AddAsync($"s{subject}", [GalleryRig.Face($"{writer}", writer)], GalleryRig.At(writer), Cancellation);
        });

        for (int subject = 0; subject < subjects; subject++)
            (await rig.ImagesAsync($"s{subject}"))!.Select(int.Parse).Order().ShouldBe(Enumerable.Range(0, writers));
    }

    [Fact]
    public async Task ReplaceAsync_PutsFacesInPlaceOfTheFormerAndRemovesTheirPictures()
    {
        GalleryRig rig = await RigAsync();
        string old = GalleryRig.Picture("1/01.png"), kept = GalleryRig.Picture("1/02.png"), later = GalleryRig.Picture("2/01.png");
        foreach (string image in (string[])[old, kept, later, "training/ada/1.png"])
            await rig.UploadAsync(image);
        await rig.AddAsync("ada", 1, old, kept, "training/ada/1.png");

        await rig.ReplaceAsync("ada", 2, later, kept);

        (await rig.ImagesAsync("ada")).ShouldBe([later, kept]);
        (await rig.BlobsAsync(StorageNames.Uploads)).ShouldBe(["enrolments/1/02.png", "enrolments/2/01.png"]);
        (await rig.BlobsAsync(StorageNames.Training)).ShouldBe(["ada/1.png"]);
    }

    [Fact]
    public async Task ReplaceAsync_SentBeforeFacesThatAreThere_KeepsThem()
    {
        GalleryRig rig = await RigAsync();
        await rig.AddAsync("ada", 1, "a");
        await rig.AddAsync("ada", 3, "c");

        await rig.ReplaceAsync("ada", 2, "b");
        await rig.ReplaceAsync("ada", 2, "b");

        (await rig.ImagesAsync("ada")).ShouldBe(["b", "c"]);
    }

    [Fact]
    public async Task AddAsync_SentBeforeAReplacement_ThrowsAndChangesNothing()
    {
        GalleryRig rig = await RigAsync();
        await rig.ReplaceAsync("ada", 2, "b");

        FaceDataException error = await Should.ThrowAsync<FaceDataException>(() => rig.AddAsync("ada", 1, "a"));

        error.Message.ShouldContain("replaced after this job was sent");
        (await rig.ImagesAsync("ada")).ShouldBe(["b"]);
    }

    [Fact]
    public async Task FindAsync_OfAnIdThatIsNotAllowed_Throws() =>
        await Should.ThrowAsync<FaceDataException>(async () => await (await RigAsync()).Gallery.FindAsync("../ada", Cancellation));

    private async Task<GalleryRig> RigAsync() => new(await azurite.NewAccountAsync());
}
