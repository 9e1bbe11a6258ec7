using IpuNet.CommandLine;
using IpuNet.CommandLine.Inputs;
using IpuNet.Contract;

namespace IpuNet.Cli.Tests.Inputs;

public sealed class ImageInputsTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public ImageInputsTests()
    {
        foreach (string name in (string[])["in/b.png", "in/a.JPG", "in/sub/c.webp", "in/notes.txt", "other/a.jpg"])
            _folder.Write(name, "x");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Find_AFolder_TakesItsImagesToTheBottomInOrder() => Names("in").ShouldBe(["a.JPG", "b.png", "sub/c.webp"]);

    [Fact]
    public void Find_AFolder_TakesAllThatMayBeMeantAsImagesAndNoNotesOrHiddenFiles()
    {
        string[] shown = ["mixed/a.heic", "mixed/b.jfif", "mixed/c", "mixed/d.zip"];
        foreach (string name in (string[])[.. shown, "mixed/.DS_Store", "mixed/._a.jpg", "mixed/data.CSV", "mixed/.cache/e.png"])
            _folder.Write(name, "x");

        Names("mixed").ShouldBe(["a.heic", "b.jfif", "c", "d.zip"]);
    }

    [Fact]
    public void Find_AFolder_TakesAPictureThatIsNamedAsNotesAre()
    {
        _folder.WriteFace("named/face.txt", 1);
        _folder.WriteFace("named/.face.txt", 1);

        Names("named").ShouldBe(["face.txt"]);
    }

    [Theory]
    [InlineData("pipe.jpg")]
    [InlineData("pipe.zip")]
    public async Task Find_AFolderWithAPipe_RefusesToReadIt(string name)
    {
        _folder.WritePipe($"pipes/{name}");

        var pipe = ImageInputs.Find(
            [_folder["pipes"]], isWhole: path => path.EndsWith(".zip", StringComparison.Ordinal)).ShouldHaveSingleItem();

        var refusal = await Should.ThrowAsync<FaceDataException>(() => pipe.Read(TestContext.Current.CancellationToken));
        refusal.Message.ShouldStartWith($"{name}: is a pipe, a socket or a device, not a file");
    }

    [Fact]
    public async Task Find_WhereArchivesAreTaken_ReadsThemWhateverTheyAre()
    {
        _folder.Write("zips/a.zip", "x");

        var archive = ImageInputs.Find([_folder["zips"]], isWhole: name => name.EndsWith(".zip", StringComparison.Ordinal))
            .ShouldHaveSingleItem();

        (await archive.Read(TestContext.Current.CancellationToken)).ShouldBe("x"u8.ToArray());
    }

    [Fact]
    public void Find_AFile_TakesItWhateverItIsCalled() => Names("in/notes.txt").ShouldBe(["notes.txt"]);

    [Fact]
    public void Find_APattern_TakesWhatItMatches() => Names("in/**/*.webp").ShouldBe(["sub/c.webp"]);

    [Fact]
    public void Find_TwoFolders_GivesEveryImageItsOwnName() =>
        Names("in", "other").ShouldBe(["in/a.JPG", "in/b.png", "in/sub/c.webp", "other/a.jpg"]);

    [Fact]
    public void Find_AFolderAndAFileInIt_TakesTheFileOnce() => Names("in", "in/b.png").ShouldBe(["a.JPG", "b.png", "sub/c.webp"]);

    [Theory]
    [InlineData("in/none.png")]
    [InlineData("none")]
    [InlineData("in/none.png", "in/b.png")]
    [InlineData("in", "none", "in/none.png")]
    public void Find_APathThatDoesNotExist_IsRefusedBeforeAnythingIsRead(params string[] arguments)
    {
        string refusal = Should.Throw<UsageException>(() => Names(arguments)).Message;

        foreach (string missing in arguments.Where(argument => argument.Contains("none", StringComparison.Ordinal)))
            refusal.ShouldContain($"{_folder[missing]}: there is no such file or folder.");
        refusal.ShouldNotContain("b.png");
    }

    [Fact]
    public void Find_APatternInAFolderThatDoesNotExist_NamesIt() =>
        Should.Throw<UsageException>(() => Names("none/*.png")).Message.ShouldContain("there is no such folder");

    [Fact]
    public async Task Find_ALinkToNowhere_SaysWhereItLeads()
    {
        File.CreateSymbolicLink(_folder["in/d.png"], "gone.png");

        Should.Throw<UsageException>(() => Names("in/d.png")).Message.ShouldContain("this link leads to gone.png, which does not exist");
        var link = ImageInputs.Find([_folder["in"]]).Single(image => image.Name == "d.png");
        (await Should.ThrowAsync<FaceDataException>(() => link.Read(TestContext.Current.CancellationToken)))
            .Message.ShouldContain("this link leads to gone.png, which does not exist");
    }

    [Theory]
    [InlineData("in/sub", "in")]
    [InlineData("in", "in/")]
    [InlineData("in/b.png", "in")]
    public void Find_AnArgumentInTheOutputFolder_NamesTheReason(string argument, string output) =>
        Should.Throw<UsageException>(() => ImageInputs.Find([_folder[argument]], _folder[output])).Message
            .ShouldContain($"{_folder[argument]}: lies in {_folder[output]}, where this command writes");

    [Fact]
    public void Find_NothingButTheOutputFolder_IsNothingToDo() =>
        Should.Throw<UsageException>(() => ImageInputs.Find([_folder["other"]], _folder["other"]));

    private IEnumerable<string> Names(params string[] arguments) =>
        ImageInputs.Find([.. arguments.Select(argument => _folder[argument])]).Select(image => image.Name);
}
