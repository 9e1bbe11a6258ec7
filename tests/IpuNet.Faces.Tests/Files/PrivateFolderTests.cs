using System.Runtime.Versioning;
using IpuNet.Contract;
using IpuNet.Faces.Files;

namespace IpuNet.Faces.Tests.Files;

[UnsupportedOSPlatform("windows")]
public sealed class PrivateFolderTests : IDisposable
{
    private const UnixFileMode File600 = UnixFileMode.UserRead | UnixFileMode.UserWrite, Folder700 = File600 | UnixFileMode.UserExecute;
    private const UnixFileMode OpenFile = File600 | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode OpenFolder =
        Folder700 | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly TestFolder _folder = new();

    public PrivateFolderTests() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other rights.");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Create_OfAFolderInFoldersThatAreMissing_MakesAllTheUsersAlone()
    {
        PrivateFolder.Create(_folder["a/b/c"]);

        foreach (string made in (string[])["a", "a/b", "a/b/c"])
            ModeOf(made).ShouldBe(Folder700);
    }

    [Fact]
    public void Create_OfAFolderThatIsThere_LeavesItAsItIs()
    {
        MakeOpen("a");

        PrivateFolder.Create(_folder["a/b"]);

        (ModeOf("a"), ModeOf("a/b")).ShouldBe((OpenFolder, Folder700));
    }

    [Fact]
    public void Open_OfAFolderThatOthersCanRead_ClosesAllInIt()
    {
        MakeOpen("a");
        MakeOpen("a/b");
        MakeOpen("a/b/.c");
        WriteOpen("a/b/.c/face.png");

        PrivateFolder.Open(_folder["a"]);

        foreach (string folder in (string[])["a", "a/b", "a/b/.c"])
            ModeOf(folder).ShouldBe(Folder700);
        ModeOf("a/b/.c/face.png").ShouldBe(File600);
    }

    [Fact]
    public void Open_OfAFolderWithSomethingElseInIt_ClosesWhatIsItsOwn()
    {
        MakeOpen("a");
        MakeOpen("a/subjects");
        WriteOpen("a/subjects/ada.json");
        WriteOpen("a/thesis.tex");

        PrivateFolder.Open(_folder["a"], name => name == "subjects");

        (ModeOf("a"), ModeOf("a/thesis.tex")).ShouldBe((OpenFolder, OpenFile));
        (ModeOf("a/subjects"), ModeOf("a/subjects/ada.json")).ShouldBe((Folder700, File600));
    }

    [Fact]
    public void Open_OfAFolderWithALink_LeavesAloneWhereItLeads()
    {
        MakeOpen("a");
        MakeOpen("other");
        WriteOpen("other/file");
        Directory.CreateSymbolicLink(_folder["a/link"], _folder["other"]);

        PrivateFolder.Open(_folder["a"]);

        (ModeOf("other"), ModeOf("other/file")).ShouldBe((OpenFolder, OpenFile));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void RequireOwnContent_OfAFolderThatOthersMayWriteTo_RefusesItUnlessItIsEmpty(UnixFileMode right)
    {
        MakeOpen("a");
        File.SetUnixFileMode(_folder["a"], OpenFolder | right);
        PrivateFolder.RequireOwnContent(_folder["a"]);
        PrivateFolder.RequireOwnContent(_folder["missing"]);
        WriteOpen("a/planted");

        Should.Throw<FaceDataException>(
            () => PrivateFolder.RequireOwnContent(_folder["a"])).Message.ShouldContain($"chmod go-w {_folder["a"]}");

        File.SetUnixFileMode(_folder["a"], OpenFolder);
        PrivateFolder.RequireOwnContent(_folder["a"]);
    }

    private UnixFileMode ModeOf(string name) => File.GetUnixFileMode(_folder[name]);

    private void MakeOpen(string name)
    {
        Directory.CreateDirectory(_folder[name]);
        File.SetUnixFileMode(_folder[name], OpenFolder);
    }

    private void WriteOpen(string name)
    {
        File.WriteAllText(_folder[name], "");
        File.SetUnixFileMode(_folder[name], OpenFile);
    }
}
