using System.Text.Json;
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
        run.Output.ShouldContain("The recogniser recogniser@1 made all embeddings, from faces aligned by alignment@1.");
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
    public async Task List_WithJson_GivesTheTimeAsIso8601AndTheModels()
    {
        var run = await ListAsync("--json");

        JsonElement row = run.JsonLines().First();
        row.GetProperty("lastChangeUtc").GetString().ShouldBe("2026-03-01T12:30:00Z");
        (row.GetProperty("recogniser").GetString(), row.GetProperty("alignment").GetString()).ShouldBe(("recogniser@1", "alignment@1"));
        (row.GetProperty("subject").GetString(), row.GetProperty("faces").GetInt32()).ShouldBe(("ada", 2));
    }

    [Fact]
    public async Task List_OfAnEmptiedGallery_SaysSoAndIsDone()
    {
        await DeleteAsync("ada", "bob");

        var run = await ListAsync();
        var json = await ListAsync("--json");

        (run.Code, run.Output).ShouldBe((ExitCode.Done, $"{_folder["gallery"]}: no subjects.{Environment.NewLine}"));
        (json.Code, json.Output).ShouldBe((ExitCode.Done, ""));
    }

    [Theory]
    [InlineData("list")]
    [InlineData("delete", "ada")]
    [InlineData("upload")]
    [InlineData("reembed")]
    [InlineData("identify")]
    public async Task Gallery_ThatIsNone_IsNamedAsWhatItIsWithTheWayOut(string command, params string[] more)
    {
        string file = _folder.Write("face.jpg", "x"), people = _folder.Folder("my people"), missing = _folder["none"];

        (await RunAsync(file)).Errors.ShouldContain($"{file}: this is a file, and a gallery is a folder.");
        (await RunAsync(people)).Errors.ShouldContain($"{people}: this folder is no gallery.");
        var run = await RunAsync(missing);
        run.Errors.ShouldContain($"{missing}: there is no such file or folder.");
        run.Errors.ShouldContain($"`ipunet enrol FOLDER --gallery {missing}`");
        Directory.Exists(missing).ShouldBeFalse();
        Directory.EnumerateFileSystemEntries(people).ShouldBeEmpty();

        async Task<CommandRun> RunAsync(string folder)
        {
            var run = await CommandRun.OfAsync(command switch
            {
                "upload" => ["gallery", command, folder, "--gallery", "staff"],
                "reembed" => ["gallery", command, "--folder", folder],
                "identify" => [command, file, "--gallery", folder],
                _ => ["gallery", command, .. more, "--gallery", folder],
            });
            run.Code.ShouldBe(ExitCode.Usage);
            return run;
        }
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

    private Task<CommandRun> ListAsync(params string[] more) =>
        CommandRun.OfAsync(["gallery", "list", "--gallery", _folder["gallery"], .. more]);

    private Task<CommandRun> DeleteAsync(params string[] subjects) =>
        CommandRun.OfAsync(["gallery", "delete", .. subjects, "--gallery", _folder["gallery"]]);

    private void Enrol(string subject, int faces, string recogniser = "recogniser@1") => Gallery.Save(new SubjectRecord(
        subject,
        [.. Enumerable.Range(0, faces).Select(i => new SubjectEmbedding(
            new(recogniser, "alignment@1"), [1, 0], new($"{i}.png", $"{i}", new(0, 0, 1, 1), new(100, 100)), Changed))],
        Changed));
}
