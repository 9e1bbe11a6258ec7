using System.Text.Json;
using IpuNet.CommandLine;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reembedding;

namespace IpuNet.Cli.Tests.Galleries;

public sealed class FolderReembedTests : IDisposable
{
    private readonly FolderGalleryRig _rig = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Reembed_AFolder_HasItSearchedByTheOtherRecogniserAndByTheFormer()
    {
        await _rig.EnrolAsync([("ada", 1), ("bob", 2)]);

        var run = await _rig.ReembedAsync("--recogniser", FolderGalleryRig.Other);

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldContain($"2 subjects, 2 faces now embedded by {FolderGalleryRig.Other}.");
        (await _rig.WhoIsAsync(2, FolderGalleryRig.Other)).ShouldSatisfyAllConditions(
            who => (who.Decision, who.Subject).ShouldBe(("known", "bob")), who => who.Score.ShouldBe(1, 1e-4f));
        (await _rig.WhoIsAsync(1, _rig.Shipped)).Subject.ShouldBe("ada");
        _rig.Gallery.ReadRules().Sources!.Select(source => source.Recogniser).ShouldBe([_rig.Shipped, FolderGalleryRig.Other]);
    }

    [Fact]
    public async Task Reembed_ASecondTime_SaysThatThereIsNothingToDo()
    {
        await _rig.EnrolAsync([("ada", 1)]);

        var run = await _rig.ReembedAsync();

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldBe($"{_rig.Path}: 1 subject, already embedded by {_rig.Shipped}: nothing to embed.{Environment.NewLine}");
    }

    [Fact]
    public async Task Reembed_ByARecogniserThatIsNotInstalled_NamesTheImport()
    {
        await _rig.EnrolAsync([("ada", 1)]);

        var run = await _rig.ReembedAsync("--recogniser", "facenet@1");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("There is no recogniser 'facenet@1'");
        run.Errors.ShouldContain("`ipunet import facenet FILE`");
    }

    [Fact]
    public async Task Reembed_ByARecogniserWithoutThresholds_SaysHowToMeasureThem()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        _rig.Store.Update(_rig.Store.Find(_rig.Store.Current.Enhancer!).Manifest with { Policies = [TestModels.Policy(_rig.Shipped)] });

        var run = await _rig.ReembedAsync("--recogniser", FolderGalleryRig.Other);

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Errors.ShouldContain("ipunet evaluate --write-policy");
    }

    [Fact]
    public async Task Reembed_AFolder_HasItUsedWithThatRecogniserFromThenOn()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        await _rig.ReembedAsync("--recogniser", FolderGalleryRig.Other, "--forget-others");
        string probe = _rig.Folder.WriteFace("probe.png", 2);

        await _rig.EnrolAsync([("bob", 2)]);
        var run = await _rig.RunAsync("identify", probe, "--gallery", _rig.Path, "--json");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Errors.ShouldContain($"{_rig.Path} is embedded by {FolderGalleryRig.Other}, so that recogniser is used.");
        JsonElement answer = run.JsonLines().ShouldHaveSingleItem();
        answer.GetProperty("models").GetProperty("recogniser").GetString().ShouldBe(FolderGalleryRig.Other);
        answer.GetProperty("faces")[0].GetProperty("matches")[0].GetProperty("subjectId").GetString().ShouldBe("bob");
    }

    [Fact]
    public async Task Enrol_WithTheFormerRecogniser_SaysHowTheLatestFindsTheFaces()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        await _rig.ReembedAsync("--recogniser", FolderGalleryRig.Other);
        string people = _rig.Folder.Folder("others");
        _rig.Folder.WriteFace("others/bob/1.png", 2);

        var run = await _rig.RunAsync("enrol", people, "--gallery", _rig.Path, "--recogniser", _rig.Shipped);

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Errors.ShouldContain($"`ipunet gallery reembed --folder {_rig.Path} --recogniser {FolderGalleryRig.Other}`");
        (await _rig.ReembedAsync("--recogniser", FolderGalleryRig.Other)).Output.ShouldContain("2 subjects, 1 face now embedded");
        (await _rig.WhoIsAsync(2, FolderGalleryRig.Other)).Subject.ShouldBe("bob");
    }

    [Fact]
    public async Task Identify_InAGalleryWhoseRecogniserIsNotInstalled_NamesItAndTheWaysOut()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        await _rig.ReembedAsync("--recogniser", FolderGalleryRig.Other, "--forget-others");
        Directory.Delete(System.IO.Path.Combine(_rig.Store.Root, "pooling"), recursive: true);

        var run = await _rig.RunAsync("identify", _rig.Folder.WriteFace("probe.png", 1), "--gallery", _rig.Path);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain($"is embedded by {FolderGalleryRig.Other}");
        run.Errors.ShouldContain($"`ipunet gallery reembed --folder {_rig.Path}`");
        run.Errors.ShouldContain($"`--replace --recogniser {_rig.Shipped}`");
    }

    [Fact]
    public async Task Reembed_BeforeItIsDone_HasTheFolderRefusedByTheOtherRecogniser()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        _rig.Folder.WriteFace("probe.png", 1);

        var run = await _rig.RunAsync(
            "identify", _rig.Folder["probe.png"], "--gallery", _rig.Path, "--recogniser", FolderGalleryRig.Other);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("re-embed it with `ipunet gallery reembed --folder");
    }

    [Fact]
    public async Task Reembed_ForgettingOthers_LeavesTheNewEmbeddingsAndTheFaces()
    {
        await _rig.EnrolAsync([("ada", 1)]);

        (await _rig.ReembedAsync("--recogniser", FolderGalleryRig.Other, "--forget-others")).Code.ShouldBe(ExitCode.Done);

        SubjectEmbedding face = _rig.Gallery.Find("ada")!.Embeddings.ShouldHaveSingleItem();
        face.Source.Recogniser.ShouldBe(FolderGalleryRig.Other);
        _rig.Gallery.FindFaces("ada", [face]).ShouldHaveSingleItem();
        // So there is a way back.
        (await _rig.ReembedAsync("--recogniser", _rig.Shipped)).Code.ShouldBe(ExitCode.Done);
        (await _rig.WhoIsAsync(1, _rig.Shipped)).Subject.ShouldBe("ada");
    }

    [Fact]
    public async Task Reembed_SubjectsWhoseFacesWereNotKept_NamesThemAndTheWayOut()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        await _rig.EnrolAsync([("zoe", 7)], "--retain", "embeddings-only");

        var refused = await _rig.ReembedAsync("--recogniser", FolderGalleryRig.Other);
        refused.Code.ShouldBe(ExitCode.SomeFailed);
        refused.Errors.ShouldContain(
            "zoe: 1 of 1 face: the aligned face was not kept: enrol the subject anew with `ipunet enrol --replace`");
        refused.Errors.ShouldContain("not ready");
        _rig.Gallery.ReadRules().Sources!.Count.ShouldBe(1);

        var left = await _rig.ReembedAsync("--recogniser", FolderGalleryRig.Other, "--leave-behind");
        left.Code.ShouldBe(ExitCode.Done);
        left.Errors.ShouldContain("zoe: 1 of 1 face");
        (await _rig.WhoIsAsync(1, FolderGalleryRig.Other)).Subject.ShouldBe("ada");

        await _rig.EnrolAsync([("zoe", 7)], "--replace", "--recogniser", FolderGalleryRig.Other);
        (await _rig.WhoIsAsync(7, FolderGalleryRig.Other)).Subject.ShouldBe("zoe");
    }

    [Fact]
    public async Task Reembed_AFolderOfBefore_LeavesItsSubjectsBehind()
    {
        await _rig.EnrolAsync([("ada", 1)], "--retain", "embeddings-only");
        File.Delete(_rig.Folder["gallery/gallery.json"]);

        (await _rig.WhoIsAsync(1, _rig.Shipped)).Subject.ShouldBe("ada");
        (await _rig.ReembedAsync("--recogniser", FolderGalleryRig.Other)).Code.ShouldBe(ExitCode.SomeFailed);

        _rig.Gallery.ReadRules().Sources!.Single().Recogniser.ShouldBe(_rig.Shipped);
    }

    [Fact]
    public async Task Reembed_WithADamagedSubject_NamesItAndDoesTheOthers()
    {
        await _rig.EnrolAsync([("ada", 1), ("bob", 2)]);
        _rig.Folder.Write("gallery/subjects/bob.json", "{");

        var run = await _rig.ReembedAsync("--recogniser", FolderGalleryRig.Other);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("bob.json is not a usable subject");
        _rig.Gallery.Find("ada")!.CompleteSources.Count().ShouldBe(2);
    }

    [Fact]
    public async Task RunAsync_CutOff_GoesOnWhereItWas()
    {
        const int subjects = 12;
        await _rig.EnrolAsync(Enumerable.Range(1, subjects).Select(i => ($"p{i:00}", i)));
        using var models = PipelineModels.Open(
            _rig.Store.WithRecogniser(FolderGalleryRig.Other), new() { Threads = 1 }, recognise: true);
        var reembedding = new FolderReembedding(_rig.Path, models);
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);

        await Should.ThrowAsync<OperationCanceledException>(() => reembedding.RunAsync(
            new(),
            progress =>
            {
                if (progress.Subjects >= 3)
                    kill.Cancel();
                return ValueTask.CompletedTask;
            },
            kill.Token));
        int cutOff = Done();
        cutOff.ShouldBeInRange(3, subjects);
        _rig.Gallery.ReadRules().Sources!.Count.ShouldBe(1);
        ReembeddingReport last = await reembedding.RunAsync(new(), null, Cancellation);

        (last.Subjects, last.Faces, last.IsReady).ShouldBe((subjects, subjects - cutOff, true));
        Done().ShouldBe(subjects);

        int Done() => _rig.Gallery.Load(Cancellation).Subjects.Count(subject => subject.Embeddings.Count == 2);
    }

    [Fact]
    public async Task Reembed_AFolderWithoutSubjects_ExitsWith2()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        await CommandRun.OfAsync("gallery", "delete", "ada", "--gallery", _rig.Path);

        var run = await _rig.ReembedAsync();

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldContain("no subject is enrolled");
    }

    [Fact]
    public async Task Reembed_AMissingFolder_ExitsWith2AndMakesNone()
    {
        var run = await _rig.ReembedAsync();

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldContain($"{_rig.Path}: there is no such file or folder");
        Directory.Exists(_rig.Path).ShouldBeFalse();
    }

    [Fact]
    public async Task Delete_AfterReembedding_LeavesNothingOfTheSubject()
    {
        await _rig.EnrolAsync([("ada", 1), ("bob", 2)]);
        await _rig.ReembedAsync("--recogniser", FolderGalleryRig.Other);

        (await CommandRun.OfAsync("gallery", "delete", "ada", "--gallery", _rig.Path)).Code.ShouldBe(ExitCode.Done);

        Directory.EnumerateFileSystemEntries(_rig.Path, "*ada*", SearchOption.AllDirectories).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(_rig.Folder["gallery/faces"]).Select(System.IO.Path.GetFileName).ShouldBe(["bob"]);
    }

    [Fact]
    public async Task List_AfterReembedding_CountsAFaceOnce()
    {
        await _rig.EnrolAsync([("ada", 1)]);
        await _rig.ReembedAsync("--recogniser", FolderGalleryRig.Other);

        var run = await CommandRun.OfAsync("gallery", "list", "--gallery", _rig.Path);

        run.Output.ShouldContain("1 subject, 1 face.");
    }
}
