using System.Text;
using Azure.Storage.Blobs;
using IpuNet.CommandLine;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reembedding;
using IpuNet.Service.Galleries;
using IpuNet.Service.Reembedding;

namespace IpuNet.Cli.Tests.Galleries;

public sealed class GalleryUploadTests(LocalStorage storage) : IClassFixture<LocalStorage>, IDisposable
{
    private readonly FolderGalleryRig _rig = new();

    private readonly string _name = $"g{Guid.NewGuid():N}";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Upload_OfAFolder_HasTheServiceFindThemWithTheScoresOfTheFolder()
    {
        await _rig.EnrolAsync([("ada", 1), ("bob", 2)]);

        var run = await UploadAsync();

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldContain($"{_name}: 2 of 2 subjects in the service, with 2 embeddings.");
        foreach (int person in (int[])[1, 2, 7])
        {
            var here = await _rig.WhoIsAsync(person, _rig.Shipped);
            (await WhoIsInServiceAsync(person)).ShouldBe(here);
        }
    }

    [Fact]
    public async Task Upload_OfAFolder_KeepsFacesTimesAndProvenance()
    {
        await _rig.EnrolAsync([("ada", 1)]);

        await UploadAsync();

        SubjectEmbedding here = _rig.Gallery.Find("ada")!.Embeddings.Single();
        SubjectEmbedding there = (await Stored.FindAsync("ada", Cancellation))!.Embeddings.Single();
        there.Vector.ShouldBe(here.Vector);
        there.Source.ShouldBe(here.Source);
        there.Provenance.ShouldBe(here.Provenance);
        // By the storage clock, which counts in seconds.
        (here.EnrolledAt - there.EnrolledAt).ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromSeconds(1));
        there.EnrolledAt.Millisecond.ShouldBe(0);
        (await BlobsAsync("crops/ada/")).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Upload_ThatTheServiceThenReembeds_NeedsNoPicture()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        await UploadAsync();
        using var models = PipelineModels.Open(
            _rig.Store.WithRecogniser(FolderGalleryRig.Other), new() { Threads = 1 }, recognise: true);

        ReembeddingReport report = await new GalleryReembedding(
            storage.Account, models, new EnrolmentOptions(), TimeProvider.System).RunAsync(
                _name, new ReembeddingRequest(), null, Cancellation);

        (report.Faces, report.IsReady).ShouldBe((1, true));
    }

    [Fact]
    public async Task Upload_Twice_ChangesNothingAndRenewsTheStamp()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        await UploadAsync();
        byte[] once = (await Stored.FindAsync("ada", Cancellation))!.ToJson();
        string[] blobs = await BlobsAsync();
        var stamp = await StampAsync();

        (await UploadAsync()).Code.ShouldBe(ExitCode.Done);

        (await Stored.FindAsync("ada", Cancellation))!.ToJson().ShouldBe(once);
        (await BlobsAsync()).ShouldBe(blobs);
        (await StampAsync()).ShouldNotBe(stamp);
    }

    [Fact]
    public async Task Upload_OfASubjectWhoIsThere_AddsTheirFaces()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        await UploadAsync();
        await _rig.EnrolAsync([("ada", 3)]);

        var run = await UploadAsync();

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        (await Stored.FindAsync("ada", Cancellation))!.Embeddings.Count.ShouldBe(2);
        (await WhoIsInServiceAsync(3)).Subject.ShouldBe("ada");
    }

    [Fact]
    public async Task Upload_OfOneWhoWasDeletedAfterwards_NamesThemAndDoesNotBringThemBack()
    {
        await _rig.EnrolAsync([("ada", 1), ("bob", 2)]);
        await UploadAsync();
        await Stored.DeleteAsync("ada", DateTimeOffset.UtcNow.AddSeconds(1), Cancellation);

        var run = await UploadAsync();

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain(
            "ada: deleted or replaced in the service after the enrolment in the folder, so not uploaded: 1 of 1 embedding.");
        run.Output.ShouldContain("1 of 2 subjects");
        (await Stored.FindAsync("ada", Cancellation)).ShouldBeNull();
        (await BlobsAsync()).ShouldNotContain(blob => blob.Contains("ada"));
    }

    [Fact]
    public async Task Upload_OfOneWhoWasEnrolledAgainAfterTheDeletion_TakesThem()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        await Stored.DeleteAsync("ada", DateTimeOffset.UtcNow.AddHours(-1), Cancellation);

        (await UploadAsync()).Code.ShouldBe(ExitCode.Done);

        (await Stored.FindAsync("ada", Cancellation)).ShouldNotBeNull();
    }

    // A deletion that is sent after the upload counts, whatever the clock of the machine says that the folder is from.
    [Fact]
    public async Task Upload_OfAFaceFromAClockThatIsFast_IsDeletedByTheNextDeletion()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        SubjectEmbedding face = _rig.Gallery.Find("ada")!.Embeddings.Single();
        var ahead = new SubjectEmbedding(face.Source, face.Vector, face.Provenance, DateTimeOffset.UtcNow.AddDays(1));
        _rig.Gallery.Enrol("ada", [(ahead, TestFolder.Pattern(1, 128))], replace: true, replaced: null);
        await UploadAsync();

        // The storage clock is known to a second or to the length of a request. The face's own clock is a day ahead.
        await Stored.DeleteAsync("ada", DateTimeOffset.UtcNow.AddMinutes(1), Cancellation);

        (await BlobsAsync()).ShouldNotContain(blob => blob.Contains("ada"));
    }

    [Fact]
    public async Task Upload_IntoAGalleryOfAnotherRecogniser_SaysToReembedFirst()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        await UploadAsync();
        await _rig.ReembedAsync("--recogniser", FolderGalleryRig.Other, "--forget-others");

        var refused = await UploadAsync();

        refused.Code.ShouldBe(ExitCode.SomeFailed);
        refused.Errors.ShouldContain("re-embed the folder first");
        await _rig.ReembedAsync("--recogniser", _rig.Shipped);
        (await UploadAsync()).Code.ShouldBe(ExitCode.Done);
    }

    [Fact]
    public async Task Upload_OfEmbeddingsOfBothRecognisers_TakesBoth()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        await _rig.ReembedAsync("--recogniser", FolderGalleryRig.Other);

        var run = await UploadAsync();

        run.Output.ShouldContain("with 2 embeddings");
        foreach (string recogniser in (string[])[_rig.Shipped, FolderGalleryRig.Other])
            (await WhoIsInServiceAsync(1, recogniser)).Subject.ShouldBe("ada");
    }

    [Fact]
    public async Task Upload_OfEmbeddingsByTheFormerRecogniserOfTheGallery_HasTheGalleryReembedded()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        await _rig.ReembedAsync("--recogniser", FolderGalleryRig.Other);
        await UploadAsync();
        await _rig.EnrolAsync([("zoe", 7)], "--recogniser", _rig.Shipped);

        var run = await UploadAsync();

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Errors.ShouldContain("in the queue has these subjects follow");
        (await storage.Account.CountMessagesAsync(StorageNames.Enrolments, Cancellation)).ShouldBe(1);
    }

    [Fact]
    public async Task Upload_WithADamagedSubject_UploadsTheOthersAndExitsWith1()
    {
        await _rig.EnrolAsync([("ada", 1), ("bob", 2)]);
        _rig.Folder.Write("gallery/subjects/bob.json", "{");

        var run = await UploadAsync();

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("bob.json is not a usable subject");
        (await Stored.FindAsync("ada", Cancellation)).ShouldNotBeNull();
    }

    // Images of a folder have any names. One that is named like a picture of the service must not be taken for it: it would be deleted with
    // the subject.
    [Fact]
    public async Task Upload_OfAFaceWhoseImageIsNamedAsOneOfTheService_LeavesThatAlone()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        SubjectEmbedding face = _rig.Gallery.Find("ada")!.Embeddings.Single();
        var posing = face.Provenance with { Image = "uploads/enrolments/job/1.png" };
        _rig.Gallery.Enrol("ada", [(new(face.Source, face.Vector, posing, face.EnrolledAt), null)], replace: true, replaced: null);
        BlobClient picture = storage.Account.Container(StorageNames.Uploads).GetBlobClient("enrolments/job/1.png");
        await picture.UploadAsync(new BinaryData(Encoding.UTF8.GetBytes("of another")), overwrite: true, Cancellation);
        await UploadAsync();

        await Stored.DeleteAsync("ada", DateTimeOffset.UtcNow.AddSeconds(1), Cancellation);

        (await picture.ExistsAsync(Cancellation)).Value.ShouldBeTrue();
    }

    [Fact]
    public async Task Upload_CutOff_EndsWhenItIsStartedAgain()
    {
        const int subjects = 20;
        await _rig.EnrolAsync(Enumerable.Range(1, subjects).Select(i => ($"p{i:00}", i)));
        SubjectRecord[] all = [.. _rig.Gallery.Load(Cancellation).Subjects];
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        await Should.ThrowAsync<OperationCanceledException>(() => new GalleryUpload(storage.Account, TimeProvider.System).RunAsync(
            _rig.Gallery,
            all,
            _name,
            done =>
            {
                if (done >= 3)
                    kill.Cancel();
            },
            kill.Token));
        (await Stored.LoadAsync(Cancellation))!.Subjects.Count.ShouldBeInRange(3, subjects - 1);
        var run = await UploadAsync();

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        (await Stored.LoadAsync(Cancellation))!.Subjects.Count.ShouldBe(subjects);
    }

    [Fact]
    public async Task Upload_OfAFolderWithoutSubjects_ExitsWith2()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        _rig.Gallery.Delete("ada");

        var run = await UploadAsync();

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldContain("no subject is enrolled");
    }

    [Fact]
    public async Task Upload_ToAGalleryThatCannotBeNamedSo_ExitsWith2()
    {
        await _rig.EnrolAsync([("ada", 1)]);

        (await storage.RunAsync("gallery", "upload", _rig.Path, "--gallery", "Staff!")).Code.ShouldBe(ExitCode.Usage);
    }

    private BlobGallery Stored => new(storage.Account, _name, TimeProvider.System);

    private Task<CommandRun> UploadAsync() => storage.RunAsync("gallery", "upload", _rig.Path, "--gallery", _name);

    private async Task<string[]> BlobsAsync(string folder = "") => await storage.Account.Container(StorageNames.Galleries)
        .GetBlobsAsync(cancellationToken: Cancellation).Select(blob => blob.Name)
        .Where(name => name.StartsWith($"{_name}/{folder}", StringComparison.Ordinal)).ToArrayAsync(Cancellation);

    private async Task<Azure.ETag> StampAsync() => (await storage.Account.Container(StorageNames.Galleries)
        .GetBlobClient(StorageNames.GalleryStamp(_name)).GetPropertiesAsync(cancellationToken: Cancellation)).Value.ETag;

    // As a worker does it.
    private async Task<(string Decision, string Subject, float Score)> WhoIsInServiceAsync(int person, string? recogniser = null)
    {
        using var models = PipelineModels.Open(
            _rig.Store.WithRecogniser(recogniser ?? _rig.Shipped), new() { Threads = 1 }, recognise: true);
        using var cache = new GalleryCache(storage.Account, TimeProvider.System);
        GalleryIndex index = (await cache.GetAsync(_name, models.Source, models.Embedder!.Dimensions, Cancellation))!;
        string image = _rig.Folder.WriteFace("probe.png", person);
        var batches = await new ImagePipeline(models, new()).RunAsync([(ImageSource)image], Cancellation).ToListAsync(Cancellation);
        FaceAnswer face = new FaceIdentifier(index, models).Identify(batches.Single(), 1, Cancellation).Single().Faces.Single();
        return (face.Decision, face.Matches[0].SubjectId, face.Matches[0].Score);
    }
}
