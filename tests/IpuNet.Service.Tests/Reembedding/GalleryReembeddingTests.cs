using Azure;
using Azure.Storage.Blobs;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Reembedding;
using IpuNet.Service.Galleries;
using IpuNet.Service.Models;
using IpuNet.Service.Tests.Enrolment;
using IpuNet.Service.Tests.Models;

namespace IpuNet.Service.Tests.Reembedding;

public sealed class GalleryReembeddingTests(AzuriteFixture azurite)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_ByAJob_LetsWorkersSwitchThatWaitedForIt()
    {
        using ReembeddingRig rig = await RigAsync();
        await rig.EnrolAsync(3);
        await rig.PromoteAsync();
        (await rig.WhoIsAsync("before.png", 2)).ShouldBe("p02");
        rig.Models.Running.Recogniser.ShouldBe(SwitchRig.Pooling);

        EnrolmentAnswer answer = await rig.RunJobAsync("all");

        answer.Status.ShouldBe(EnrolmentStatus.Ok, answer.Reason);
        (answer.Reembedded!.Subjects, answer.Reembedded.Faces, answer.Reembedded.IsReady).ShouldBe((3, 3, true));
        rig.Models.Running.Recogniser.ShouldBe(SwitchRig.PoolingFiner);
        (await rig.WhoIsAsync("after.png", 2)).ShouldBe("p02");
    }

    [Fact]
    public async Task RunAsync_CutOffTwice_GoesOnAndEndsComplete()
    {
        const int subjects = 12;
        using ReembeddingRig rig = await RigAsync();
        await rig.EnrolAsync(subjects);
        await rig.PromoteAsync();

        int cutOff = 0;
        foreach (int after in (int[])[3, 7])
        {
            using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            await Should.ThrowAsync<OperationCanceledException>(() => rig.RunAsync(
                progress =>
                {
                    if (progress.Subjects >= after)
                        kill.Cancel();
                    return ValueTask.CompletedTask;
                },
                kill.Token));
            cutOff = await CountAsync(rig);
            cutOff.ShouldBeInRange(after, subjects);
            rig.Models.Running.Recogniser.ShouldBe(SwitchRig.Pooling);
        }

        ReembeddingReport last = await rig.RunAsync();

        (last.Subjects, last.Faces, last.IsReady).ShouldBe((subjects, subjects - cutOff, true));
        (await CountAsync(rig)).ShouldBe(subjects);
        await rig.Models.Switch.LookAsync(Cancellation);
        rig.Models.Running.Recogniser.ShouldBe(SwitchRig.PoolingFiner);
    }

    [Fact]
    public async Task RunAsync_OfSubjectsWithEmbeddingsOnly_ListsThemAndIsNotReady()
    {
        using ReembeddingRig rig = await RigAsync();
        await rig.EnrolAsync(1);
        rig.Enrolment.Options.Retain = FaceRetention.EmbeddingsOnly;
        await rig.Enrolment.EnrolAsync("only", "zoe", EnrolmentAction.Add, EnrolmentRig.Face(7));
        (await rig.Enrolment.BlobsAsync(StorageNames.Uploads)).ShouldNotContain(blob => blob.Contains("only"));
        (await rig.Enrolment.BlobsAsync(StorageNames.Galleries)).ShouldNotContain(blob => blob.Contains("crops/zoe"));
        await rig.PromoteAsync();

        EnrolmentAnswer refused = await rig.RunJobAsync("strict");
        refused.Status.ShouldBe(EnrolmentStatus.Refused);
        refused.Reembedded!.LeftBehind.ShouldHaveSingleItem().SubjectId.ShouldBe("zoe");
        rig.Models.Running.Recogniser.ShouldBe(SwitchRig.Pooling);

        EnrolmentAnswer left = await rig.RunJobAsync("lenient", leaveBehind: true);
        left.Status.ShouldBe(EnrolmentStatus.Ok);
        left.Reembedded!.LeftBehind.ShouldHaveSingleItem().SubjectId.ShouldBe("zoe");
        rig.Models.Running.Recogniser.ShouldBe(SwitchRig.PoolingFiner);
        (await rig.WhoIsAsync("1.png", 7)).ShouldBe("p01");
        using ModelLease lease = rig.Models.Serving.Borrow();
        await rig.Models.Cache.GetAsync(EnrolmentRig.Gallery, lease.Models.Source, lease.Models.Embedder!.Dimensions, Cancellation);
        rig.Models.Cache.Unsearchable(lease.Models.Source).ShouldBe(new Dictionary<string, int> { [EnrolmentRig.Gallery] = 1 });
    }

    [Fact]
    public async Task RunAsync_WithDamagedSubjectsAndWhatIsNone_LeavesThoseBehindAndDoesTheOthers()
    {
        using ReembeddingRig rig = await RigAsync();
        await rig.EnrolAsync(1);
        await rig.PromoteAsync();
        using ModelLease next = rig.Models.Serving.BorrowNext();
        var face = new SubjectEmbedding(
            next.Models.Source, [1], new EnrolmentProvenance("1.png", "1", new(0, 0, 9, 9), new EnrolmentQuality(99, 99)),
            DateTimeOffset.UnixEpoch);
        foreach (var (name, content) in (IEnumerable<(string, BinaryData)>)
            [
                ("short.json", new BinaryData(new SubjectRecord("short", [face], DateTimeOffset.UnixEpoch).ToJson())),
                ("none.json", BinaryData.FromString("{")),
                ("x", BinaryData.FromString("x")),
            ])
            await rig.Models.Account.Container(StorageNames.Galleries).GetBlobClient(StorageNames.Subjects(EnrolmentRig.Gallery) + name)
                .UploadAsync(content, Cancellation);

        ReembeddingReport report = await rig.RunAsync();

        report.LeftBehind.Select(subject => subject.SubjectId).ShouldBe(["none", "short"]);
        report.Faces.ShouldBe(1);
        report.Subjects.ShouldBe(3);
    }

    [Fact]
    public async Task RunAsync_WithoutKeptFaces_TakesThePictures()
    {
        using ReembeddingRig rig = await RigAsync();
        await rig.EnrolAsync(2);
        foreach (string crop in (await rig.Enrolment.BlobsAsync(StorageNames.Galleries)).Where(blob => blob.Contains("/crops/")))
            await rig.Models.Account.Container(StorageNames.Galleries).DeleteBlobAsync(crop, cancellationToken: Cancellation);
        await rig.PromoteAsync();

        ReembeddingReport report = await rig.RunAsync();

        (report.Faces, report.IsReady).ShouldBe((2, true));
    }

    [Fact]
    public async Task RunAsync_ForgettingOthers_LeavesOneEmbeddingOfEachFace()
    {
        using ReembeddingRig rig = await RigAsync();
        await rig.EnrolAsync(2);
        await rig.PromoteAsync();
        await rig.RunAsync();
        (await rig.Enrolment.FindAsync("p01"))!.Embeddings.Count.ShouldBe(2);

        await rig.RunAsync(request: new ReembeddingRequest(ForgetOthers: true));

        (await rig.Enrolment.FindAsync("p01"))!.Embeddings.ShouldHaveSingleItem().Source.Recogniser.ShouldBe(SwitchRig.PoolingFiner);
    }

    [Fact]
    public async Task RunAsync_ForgettingOthersThatKnowSomeFacesOnly_LeavesNoneOfTheirs()
    {
        using ReembeddingRig rig = await RigAsync();
        await rig.EnrolAsync(1);
        await rig.PromoteAsync();
        await rig.RunAsync();
        SubjectRecord both = (await rig.Enrolment.FindAsync("p01"))!;
        SubjectEmbedding face = both.Embeddings.Single(embedding => embedding.Source != rig.Former);
        var another = new SubjectEmbedding(
            face.Source, face.Vector, face.Provenance with { Sha256 = new string('0', 64) }, face.EnrolledAt);
        BlobClient blob = rig.Models.Account.Container(StorageNames.Galleries)
            .GetBlobClient($"{StorageNames.Subjects(EnrolmentRig.Gallery)}p01.json");
        ETag read = (await blob.GetPropertiesAsync(cancellationToken: Cancellation)).Value.ETag;
        await blob.TryWriteAsync(new SubjectRecord("p01", [.. both.Embeddings, another], both.UpdatedAt), read, null, Cancellation);

        await rig.RunAsync(request: new ReembeddingRequest(ForgetOthers: true));

        (await rig.Enrolment.FindAsync("p01"))!.Embeddings.ShouldAllBe(embedding => embedding.Source == face.Source);
    }

    [Fact]
    public async Task ExecuteAsync_OfADeletionAfterReembedding_RemovesBothEmbeddings()
    {
        using ReembeddingRig rig = await RigAsync();
        await rig.EnrolAsync(1);
        await rig.PromoteAsync();
        await rig.RunAsync();

        EnrolmentAnswer answer = await rig.Enrolment.EnrolAsync("gone", "p01", EnrolmentAction.Delete);

        (answer.Removed!.Embeddings, answer.Removed.Pictures, answer.Removed.Crops).ShouldBe((2, 1, 1));
        (await rig.Enrolment.BlobsAsync(StorageNames.Galleries)).ShouldNotContain(blob => blob.Contains("p01"));
        (await rig.Enrolment.BlobsAsync(StorageNames.Uploads)).ShouldBeEmpty();
    }

    [Fact]
    public async Task ExecuteAsync_OfAnEnrolmentByModelsOfBefore_HasItReembedded()
    {
        using ReembeddingRig rig = await RigAsync();
        await rig.EnrolAsync(1);
        await rig.PromoteAsync();
        await rig.RunAsync();

        // The gallery is ready for the other models, and this worker has not noticed yet.
        await rig.Enrolment.EnrolAsync("late", "zoe", EnrolmentAction.Add, EnrolmentRig.Face(7));

        rig.Models.Running.Recogniser.ShouldBe(SwitchRig.PoolingFiner);
        (await rig.Enrolment.FindAsync("zoe"))!.Embeddings.Select(face => face.Source.Recogniser)
            .ShouldBe([SwitchRig.Pooling, SwitchRig.PoolingFiner]);
        (await rig.WhoIsAsync("1.png", 7)).ShouldBe("zoe");
    }

    [Theory]
    [InlineData("""{"schema":1,"jobId":"j","gallery":"staff","action":"reembed","subjectId":"ada"}""", "subject")]
    [InlineData("""{"schema":1,"jobId":"j","gallery":"staff","action":"reembed","images":["uploads/enrolments/1/1.png"]}""", "size")]
    [InlineData("""{"schema":1,"jobId":"j","gallery":"staff","action":"add","images":["uploads/enrolments/1/1.png"]}""", "subject")]
    public async Task ExecuteAsync_OfAJobThatMakesNoSense_IsPoison(string message, string category)
    {
        using ReembeddingRig rig = await RigAsync();
        await rig.Enrolment.SendTextAsync(message);

        await rig.Enrolment.RunAsync();

        (await rig.Enrolment.PoisonedAsync()).ShouldHaveSingleItem().Category.ShouldBe(category);
    }

    [Fact]
    public async Task RunAsync_OfNoGallery_IsRefused()
    {
        using ReembeddingRig rig = await RigAsync();

        EnrolmentAnswer answer = await rig.RunJobAsync("none");

        (answer.Status, answer.Reason).ShouldBe((EnrolmentStatus.Refused, $"There is no gallery '{EnrolmentRig.Gallery}'."));
    }

    // The subjects that have both embeddings.
    private static async Task<int> CountAsync(ReembeddingRig rig)
    {
        int count = 0;
        for (int i = 1; await rig.Enrolment.FindAsync(ReembeddingRig.IdOf(i)) is { } subject; i++)
            count += subject.CompleteSources.Any(source => source != rig.Former) ? 1 : 0;
        return count;
    }

    private async Task<ReembeddingRig> RigAsync() => await ReembeddingRig.StartAsync(await azurite.NewAccountAsync());
}
