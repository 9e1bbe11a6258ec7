using System.Runtime.Versioning;
using IpuNet.CommandLine;

namespace IpuNet.Cli.Tests.CommandLine;

/// <summary>What commands write of people is their user's alone, whatever the mask of the program that runs them.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PrivateOutputTests : IDisposable
{
    private const UnixFileMode File600 = UnixFileMode.UserRead | UnixFileMode.UserWrite, Folder700 = File600 | UnixFileMode.UserExecute;
    private const UnixFileMode Open =
        Folder700 | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly TestModels _models;
    private readonly TestFolder _folder = new();

    public PrivateOutputTests(TestModels models)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other rights.");
        _models = models;
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Enhance_ToAFolderThatIsMissing_MakesItAndItsPicturesTheUsersAlone()
    {
        _folder.WriteFace("in/sub/a.png", person: 1, size: 16);

        (await _models.RunAsync("enhance", _folder["in"], "--out", _folder["out"])).Code.ShouldBe(ExitCode.Done);

        ShouldBeClosed("out").ShouldBe(2);
    }

    [Fact]
    public async Task Enhance_ToTheUsersOwnFolder_LeavesItOpenAndClosesThePictures()
    {
        _folder.WriteFace("in/a.png", person: 1, size: 16);
        File.SetUnixFileMode(_folder.Folder("out"), Open);
        File.SetUnixFileMode(_folder.Write("out/theirs.txt", ""), Open);

        (await _models.RunAsync("enhance", _folder["in"], "--out", _folder["out"])).Code.ShouldBe(ExitCode.Done);

        File.GetUnixFileMode(_folder["out"]).ShouldBe(Open);
        File.GetUnixFileMode(_folder["out/theirs.txt"]).ShouldBe(Open);
        File.GetUnixFileMode(_folder["out/a.png.face-0.png"]).ShouldBe(File600);
    }

    [Fact]
    public async Task Enrol_InAGallery_MakesItTheUsersAlone()
    {
        _folder.WriteFace("people/ada/1.png", person: 1);

        (await _models.RunAsync("enrol", _folder["people"], "--gallery", _folder["gallery"])).Code.ShouldBe(ExitCode.Done);

        ShouldBeClosed("gallery/subjects").ShouldBe(1);
        File.GetUnixFileMode(_folder["gallery"]).ShouldBe(Folder700);
    }

    /// <returns>How many files and folders are in it.</returns>
    private int ShouldBeClosed(string folder)
    {
        File.GetUnixFileMode(_folder[folder]).ShouldBe(Folder700);
        FileSystemInfo[] inside = new DirectoryInfo(_folder[folder]).GetFileSystemInfos("*", SearchOption.AllDirectories);
        foreach (FileSystemInfo entry in inside)
            entry.UnixFileMode.ShouldBe(entry is DirectoryInfo ? Folder700 : File600, entry.FullName);
        return inside.Length;
    }
}
