using System.Runtime.Versioning;
using IpuNet.Contract;
using IpuNet.Faces.Files;

namespace IpuNet.Faces.Tests.Files;

[UnsupportedOSPlatform("windows")]
public sealed class UserFolderTests : IDisposable
{
    private const UnixFileMode UserOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TemporaryIn_AFolderOfOnesOwn_MakesOneForTheUserAloneAndFindsItAgain()
    {
        SkipUnlessLinux();

        string made = UserFolder.TemporaryIn(_folder.Root);

        File.GetUnixFileMode(made).ShouldBe(UserOnly);
        UserFolder.TemporaryIn(_folder.Root).ShouldBe(made);
    }

    [Fact]
    public void TemporaryIn_AFolderWithALinkInItsPlace_RefusesIt()
    {
        string made = Made();
        Directory.Move(made, _folder["elsewhere"]);
        Directory.CreateSymbolicLink(made, _folder["elsewhere"]);

        Refused().ShouldContain(made);
    }

    [Theory]
    [InlineData(UnixFileMode.OtherWrite)]
    [InlineData(UnixFileMode.GroupWrite)]
    public void TemporaryIn_AFolderWithOneThatOthersMayWriteTo_RefusesIt(UnixFileMode right)
    {
        string made = Made();
        File.SetUnixFileMode(made, UserOnly | right);

        Refused().ShouldContain(made);
    }

    [Fact]
    public void TemporaryIn_AFolderWhereOthersMayPutAnotherInItsPlace_RefusesIt()
    {
        Made();
        File.SetUnixFileMode(_folder.Root, UserOnly | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);

        Refused().ShouldContain("XDG_DATA_HOME");
    }

    [Fact]
    public void TemporaryIn_AFolderWhereNobodyMayRemoveWhatIsAnothers_IsUsed()
    {
        string made = Made();
        File.SetUnixFileMode(_folder.Root, UserOnly | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.StickyBit);

        UserFolder.TemporaryIn(_folder.Root).ShouldBe(made);
    }

    [Fact]
    public void TemporaryIn_AFolderWithSomebodyElsesInItsPlace_RefusesIt()
    {
        string made = Made();
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can give a folder away.");
        System.Diagnostics.Process.Start("chown", ["65534", made]).WaitForExit();

        Refused().ShouldContain(made);
    }

    private static void SkipUnlessLinux() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only.");

    private string Made()
    {
        SkipUnlessLinux();
        return UserFolder.TemporaryIn(_folder.Root);
    }

    private string Refused() => Should.Throw<FaceDataException>(() => UserFolder.TemporaryIn(_folder.Root)).Message;
}
