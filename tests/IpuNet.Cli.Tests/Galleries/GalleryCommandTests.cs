using IpuNet.CommandLine;
using IpuNet.Faces.Gallery;

namespace IpuNet.Cli.Tests.Galleries;

public sealed class GalleryCommandTests : IDisposable
{
    private static readonly DateTimeOffset Changed = new(2026, 3, 1, 13, 30, 0, TimeSpan.FromHours(1));

    private readonly TestFolder _folder = new();

    public GalleryCommandTests()
    {
        Enrol("ada", faces: 2);
        Enrol("bob", faces: 1);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task List_OfAGallery_TellsFacesModelsAndTime()
    {
        var run = await ListAsync();

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldMatch(@"ada +2 +2026-03-01 12:30");
        run.Output.ShouldMatch(@"bob +1 ");
        run.Output.ShouldContain("2 subjects, 3 faces.");
        run.Output.ShouldContain("embedded by recogniser@1 on alignment@1.");
    }

    [Fact]
    public async Task List_OfSubjectsFromDifferentModels_TellsWhichIsWhich()
    {
        Enrol("eve", faces: 1, recogniser: "recogniser@2");

        var run = await ListAsync();

        run.Output.ShouldMatch(@"bob +1 .* recogniser@1 on alignment@1");
        run.Output.ShouldMatch(@"eve +1 .* recogniser@2 on alignment@1");
    }

    [Fact]
    public async Task List_WithADamagedSubject_ListsTheOthersAndExitsWith1()
    {
        _folder.Write("gallery/subjects/eve.json", "{");

        var run = await ListAsync();

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("eve.json is not a usable subject");
        run.Output.ShouldContain("2 subjects");
    }

    [Fact]
    public async Task List_WithASubjectOfOneNumberTooFew_NamesItAndExitsWith1()
    {
        Gallery.Save(new SubjectRecord(
            "eve",
            [new SubjectEmbedding(new("recogniser@1", "alignment@1"), [1], new("1.png", "1", new(0, 0, 1, 1), new(100, 100)), Changed)],
            Changed));

        var run = await ListAsync();

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("The subject 'eve' has embeddings of 1 numbers, others by recogniser@1 on alignment@1 have 2");
    }

    [Fact]
    public async Task List_OfNoGalleryAtAll_ExitsWith2()
    {
        var run = await CommandRun.OfAsync("gallery", "list");

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldContain("either --gallery or --stored");
    }

    [Fact]
    public async Task List_WhereNobodyIsEnrolled_ExitsWith2()
    {
        var run = await CommandRun.OfAsync("gallery", "list", "--gallery", _folder["none"]);

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldContain("no subject is enrolled");
        Directory.Exists(_folder["none"]).ShouldBeFalse();
    }

    [Fact]
    public async Task Delete_Subjects_LeavesNothingOfThem()
    {
        var run = await DeleteAsync("ada", "bob");

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldBe("ada: deleted.\nbob: deleted.\n", StringCompareShould.IgnoreLineEndings);
        Directory.GetFiles(_folder["gallery/subjects"]).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("eve", "eve: no such subject in ")]
    [InlineData("../bob", "The subject id '../bob' cannot be used")]
    public async Task Delete_OneWhoIsNotThere_DeletesTheOthersAndExitsWith1(string other, string message)
    {
        var run = await DeleteAsync(other, "ada");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain(message);
        Gallery.List().ShouldBe(["bob"]);
    }

    [Fact]
    public async Task Delete_ADamagedSubject_Deletes()
    {
        _folder.Write("gallery/subjects/eve.json", "{");

        (await DeleteAsync("eve")).Code.ShouldBe(ExitCode.Done);

        Gallery.List().ShouldBe(["ada", "bob"]);
    }

    private FolderGallery Gallery => new(_folder["gallery"]);

    private Task<CommandRun> ListAsync() => CommandRun.OfAsync("gallery", "list", "--gallery", _folder["gallery"]);

    private Task<CommandRun> DeleteAsync(params string[] subjects) =>
        CommandRun.OfAsync(["gallery", "delete", .. subjects, "--gallery", _folder["gallery"]]);

    private void Enrol(string subject, int faces, string recogniser = "recogniser@1") => Gallery.Save(new SubjectRecord(
        subject,
        [.. Enumerable.Range(0, faces).Select(i => new SubjectEmbedding(
            new(recogniser, "alignment@1"), [1, 0], new($"{i}.png", $"{i}", new(0, 0, 1, 1), new(100, 100)), Changed))],
        Changed));
}
