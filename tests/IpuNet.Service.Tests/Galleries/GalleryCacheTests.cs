using IpuNet.Contract;
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

    public static TheoryData<string, string> Damages => new()
    {
        { "one number too few", Json("ada", Source, [1]) },
        { "one number too many", Json("ada", Source, [1, 0, 0]) },
        { "no JSON", "ada" },
        { "empty", "" },
        { "null", "null" },
        { "no unit vector", Json("ada", Source, [1, 0]).Replace("AACAPwAAAAA=", "AAAAPwAAAAA=", StringComparison.Ordinal) },
        { "zeros", Json("ada", Source, [1, 0]).Replace("AACAPwAAAAA=", "AAAAAAAAAAA=", StringComparison.Ordinal) },
        { "not a number", Json("ada", Source, [1, 0]).Replace("AACAPwAAAAA=", "AADAfwAAAAA=", StringComparison.Ordinal) },
        { "another schema", Json("ada", Source, [1, 0]).Replace("\"schema\": 1", "\"schema\": 2", StringComparison.Ordinal) },
        { "another subject", Json("eve", Source, [1, 0]) },
        { "deep", new string('[', 100_000) },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public async Task GetAsync_WithASubjectThatIsDamagedInAnyWay_HasTheOthersAndCountsIt(string damage, string json)
    {
        StorageAccount account = await azurite.NewAccountAsync();
        await PutAsync(account, "gallery.json", "{}");
        await PutAsync(account, "subjects/ada.json", json);
        await PutSubjectAsync(account, "bob", Source);
        var cache = new GalleryCache(account, _time);

        GalleryIndex index = (await cache.GetAsync("g", Source, 2, Cancellation))!;

        index.Search(Source, [1, 0], 9, Cancellation).Select(match => match.SubjectId).ShouldBe(["bob"], damage);
        cache.Damaged(Source).ShouldBe(new Dictionary<string, int> { ["g"] = 1 });
        cache.Unsearchable(Source).ShouldBeEmpty();
    }

    [Fact]
    public async Task GetAsync_WithASubjectThatIsTooLong_HasTheOthers()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        await PutAsync(account, "gallery.json", "{}");
        await PutAsync(account, "subjects/ada.json", new string(' ', (int)SubjectRecord.MaxBytes + 1));
        await PutSubjectAsync(account, "bob", Source);
        var cache = new GalleryCache(account, _time);

        (await cache.GetAsync("g", Source, 2, Cancellation))!.SubjectCount.ShouldBe(1);
        cache.Damaged(Source)["g"].ShouldBe(1);
    }

    [Fact]
    public async Task GetAsync_WithOneSubjectOfOtherModels_HasTheOthers()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        await PutAsync(account, "gallery.json", "{}");
        await PutSubjectAsync(account, "ada", new EmbeddingSource("recogniser@2", "alignment@1"));
        await PutSubjectAsync(account, "bob", Source);
        await PutAsync(
            account, "gallery.json",
            System.Text.Json.JsonSerializer.Serialize(
                new { schema = 1, sources = new[] { new { recogniser = "recogniser@1", alignment = "alignment@1" } } }));
        var cache = new GalleryCache(account, _time);

        (await cache.GetAsync("g", Source, 2, Cancellation))!.SubjectCount.ShouldBe(1);
        cache.Unsearchable(Source)["g"].ShouldBe(1);
        cache.Damaged(Source).ShouldBeEmpty();
    }

    [Fact]
    public async Task GetAsync_OfASubjectThatIsDamagedAndThenMended_FindsIt()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        await PutAsync(account, "gallery.json", "{}");
        await PutAsync(account, "subjects/ada.json", Json("ada", Source, [1]));
        var cache = new GalleryCache(account, _time);
        (await cache.GetAsync("g", Source, 2, Cancellation))!.SubjectCount.ShouldBe(0);

        await PutSubjectAsync(account, "ada", Source);
        await PutAsync(account, "index/stamp.json", "1");
        _time.Advance(TimeSpan.FromSeconds(1));

        (await cache.GetAsync("g", Source, 2, Cancellation))!.SubjectCount.ShouldBe(1);
        cache.Damaged(Source).ShouldBeEmpty();
    }

    [Fact]
    public async Task LoadAsync_WithADamagedSubject_NamesItAndHasTheOthers()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var gallery = new BlobGallery(account, "g", _time);
        (await gallery.LoadAsync(Cancellation)).ShouldBeNull();
        await PutAsync(account, "gallery.json", "{}");
        await PutAsync(account, "subjects/ada.json", "{");
        await PutSubjectAsync(account, "bob", Source);

        GalleryContents contents = (await gallery.LoadAsync(Cancellation))!;

        contents.Subjects.Select(subject => subject.SubjectId).ShouldBe(["bob"]);
        contents.Failures.ShouldHaveSingleItem().Message.ShouldContain("ada");
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
            return Task.FromResult(index.SubjectCount == 0);
        });
        await upkeep.StopAsync(Cancellation);
    }

    private static Task PutSubjectAsync(StorageAccount account, string id, EmbeddingSource source) =>
        PutAsync(account, $"subjects/{id}.json", Json(id, source, [1, 0]));

    private static string Json(string id, EmbeddingSource source, float[] vector)
    {
        var provenance = new EnrolmentProvenance("1.png", new string('0', 64), new(0, 0, 128, 128), new EnrolmentQuality(128, 100));
        var record = new SubjectRecord(
            id, [new SubjectEmbedding(source, vector, provenance, DateTimeOffset.UnixEpoch)], DateTimeOffset.UnixEpoch);
        return System.Text.Encoding.UTF8.GetString(record.ToJson());
    }

    private static async Task PutAsync(StorageAccount account, string blob, string content) =>
        await account.Container(StorageNames.Galleries)
            .GetBlobClient($"g/{blob}").UploadAsync(BinaryData.FromString(content), overwrite: true, Cancellation);
}
