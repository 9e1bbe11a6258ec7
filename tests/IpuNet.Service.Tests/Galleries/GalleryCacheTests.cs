using IpuNet.Faces;
using IpuNet.Faces.Gallery;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IpuNet.Service.Tests.Galleries;

public sealed class GalleryCacheTests(AzuriteFixture azurite)
{
    private static readonly EmbeddingSource Source = new("recogniser@1", "alignment@1");

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetAsync_OfNoGallery_GivesNull()
    {
        var cache = new GalleryCache(await azurite.NewAccountAsync(), _time);

        (await cache.GetAsync("nobody", Source, 2, Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task GetAsync_AfterChanges_GivesWhatIsThere()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var cache = new GalleryCache(account, _time);
        await PutAsync(account, "gallery.json", "{}");
        await PutSubjectAsync(account, "ada", Source);
        await PutSubjectAsync(account, "bob", Source);
        (await cache.GetAsync("g", Source, 2, Cancellation))!.SubjectCount.ShouldBe(2);

        await account.Container(StorageNames.Galleries).DeleteBlobAsync(StorageNames.Subject("g", "ada"), cancellationToken: Cancellation);
        await PutSubjectAsync(account, "eve", Source);
        await PutSubjectAsync(account, "fay", Source);
        await PutAsync(account, "index/stamp.json", "1");
        _time.Advance(TimeSpan.FromSeconds(1));

        GalleryIndex index = (await cache.GetAsync("g", Source, 2, Cancellation))!;
        index.Search(Source, [1, 0], 9, Cancellation).Select(match => match.SubjectId).ShouldBe(["bob", "eve", "fay"]);
    }

    [Fact]
    public async Task GetAsync_WithADamagedSubject_HasTheOthers()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        await PutAsync(account, "gallery.json", "{}");
        await PutAsync(account, "subjects/ada.json", "{");
        await PutSubjectAsync(account, "bob", Source);

        (await new GalleryCache(account, _time).GetAsync("g", Source, 2, Cancellation))!.SubjectCount.ShouldBe(1);
    }

    [Fact]
    public async Task GetAsync_OfOtherModels_Throws()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        await PutAsync(account, "gallery.json", "{}");
        await PutSubjectAsync(account, "bob", new EmbeddingSource("recogniser@2", "alignment@1"));
        var cache = new GalleryCache(account, _time);

        for (int i = 0; i < 2; i++)
            await Should.ThrowAsync<FaceDataException>(() => cache.GetAsync("g", Source, 2, Cancellation));
    }

    [Fact]
    public async Task GalleryUpkeep_OfADeletedSubject_ForgetsItThoughNobodySearches()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var cache = new GalleryCache(account, _time);
        await PutAsync(account, "gallery.json", "{}");
        await PutSubjectAsync(account, "ada", Source);
        GalleryIndex index = (await cache.GetAsync("g", Source, 2, Cancellation))!;
        using var upkeep = new GalleryUpkeep(cache, _time, NullLogger<GalleryUpkeep>.Instance);
        await upkeep.StartAsync(Cancellation);

        await new BlobGallery(account, "g", TimeProvider.System).DeleteAsync("ada", DateTimeOffset.UnixEpoch, Cancellation);

        await ConsumerRun.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            return Task.FromResult(index.EmbeddingCount == 0);
        });
        await upkeep.StopAsync(Cancellation);
    }

    private static Task PutSubjectAsync(StorageAccount account, string id, EmbeddingSource source)
    {
        var provenance = new EnrolmentProvenance("1.png", new string('0', 64), new(0, 0, 128, 128), new EnrolmentQuality(128, 100));
        var record = new SubjectRecord(id, [new SubjectEmbedding(source, [1, 0], provenance, DateTimeOffset.UnixEpoch)], DateTimeOffset.UnixEpoch);
        return PutAsync(account, $"subjects/{id}.json", System.Text.Encoding.UTF8.GetString(record.ToJson()));
    }

    private static async Task PutAsync(StorageAccount account, string blob, string content) =>
        await account.Container(StorageNames.Galleries).GetBlobClient($"g/{blob}").UploadAsync(BinaryData.FromString(content), overwrite: true, Cancellation);
}
