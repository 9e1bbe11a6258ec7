using IpuNet.Contract;
using IpuNet.Faces.Gallery;

namespace IpuNet.Faces.Tests.Gallery;

public sealed class FolderGalleryTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly FolderGallery _gallery;

    public FolderGalleryTests() => _gallery = new FolderGallery(_folder["default"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Find_SavedSubject_IsTheSame()
    {
        var subject = Enrolled.Subject("ada", 1);

        _gallery.Save(subject);

        _gallery.Find("ada")!.ToJson().ShouldBe(subject.ToJson());
        File.Exists(FileOf("ada")).ShouldBeTrue();
    }

    [Fact]
    public void Load_NoFolderYet_IsEmpty()
    {
        _gallery.Find("ada").ShouldBeNull();
        _gallery.List().ShouldBeEmpty();
        _gallery.Load(TestContext.Current.CancellationToken).Subjects.ShouldBeEmpty();
        _gallery.Delete("ada").ShouldBeFalse();
    }

    [Fact]
    public void List_SavedSubjects_AreInOrder()
    {
        foreach (var id in new[] { "bob", "ada", "Zoe" })
            _gallery.Save(Enrolled.Subject(id, 1));

        _gallery.List().ShouldBe(["Zoe", "ada", "bob"]);
        _gallery.Load(TestContext.Current.CancellationToken).Subjects.Select(subject => subject.SubjectId).ShouldBe(["Zoe", "ada", "bob"]);
    }

    [Fact]
    public void Save_ExistingSubject_ReplacesItWhole()
    {
        _gallery.Save(Enrolled.Subject("ada", Enrolled.Vector(1), Enrolled.Vector(2)));

        _gallery.Save(Enrolled.Subject("ada", 3));

        _gallery.Find("ada")!.Embeddings.ShouldHaveSingleItem().Vector.ShouldBe(Enrolled.Vector(3));
    }

    [Fact]
    public void Update_InAFolderThatOthersCanRead_ClosesItAndWhatIsInIt()
    {
        if (OperatingSystem.IsWindows())
            return;
        _gallery.Save(Enrolled.Subject("ada", 1));
        const UnixFileMode file = UnixFileMode.UserRead | UnixFileMode.UserWrite, folder = file | UnixFileMode.UserExecute;
        string[] folders = [_folder["default"], Subjects, Path.Combine(_folder["default"], ".locks")];
        foreach (string path in folders)
            File.SetUnixFileMode(path, folder | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(FileOf("ada"), file | UnixFileMode.OtherRead);

        new FolderGallery(_folder["default"]).Save(Enrolled.Subject("bob", 2));

        foreach (string path in folders)
            File.GetUnixFileMode(path).ShouldBe(folder);
        foreach (string id in (string[])["ada", "bob"])
            File.GetUnixFileMode(FileOf(id)).ShouldBe(file);
    }

    [Fact]
    public void Save_Subject_LeavesNoOtherFileBehind()
    {
        _gallery.Save(Enrolled.Subject("ada", 1));

        Directory.GetFiles(Subjects).ShouldBe([FileOf("ada")]);
    }

    [Theory]
    [InlineData("../ada")]
    [InlineData("..")]
    [InlineData("a/b")]
    public void AnyAccess_IdThatIsAPath_IsRefused(string id)
    {
        Should.Throw<FaceDataException>(() => _gallery.Find(id));
        Should.Throw<FaceDataException>(() => _gallery.Delete(id));
        Should.Throw<FaceDataException>(() => _gallery.Update(id, _ => Enrolled.Subject("ada", 1)));
    }

    [Fact]
    public void Update_SamePresentRecord_WritesNothing()
    {
        _gallery.Save(Enrolled.Subject("ada", 1));
        var before = File.GetLastWriteTimeUtc(FileOf("ada")).AddDays(-1);
        File.SetLastWriteTimeUtc(FileOf("ada"), before);

        _gallery.Update("ada", present => present!);

        File.GetLastWriteTimeUtc(FileOf("ada")).ShouldBe(before);
    }

    [Fact]
    public void Update_ChangeFails_LeavesTheSubjectAsItWas()
    {
        _gallery.Save(Enrolled.Subject("ada", 1));

        Should.Throw<InvalidOperationException>(() => _gallery.Update("ada", _ => throw new InvalidOperationException()));

        _gallery.Find("ada")!.Embeddings[0].Vector.ShouldBe(Enrolled.Vector(1));
    }

    [Fact]
    public void Update_RecordOfAnotherSubject_IsRefused() =>
        Should.Throw<ArgumentException>(() => _gallery.Update("ada", _ => Enrolled.Subject("bob", 1)));

    [Fact]
    public void Delete_Subject_RemovesItAndSaysSo()
    {
        _gallery.Save(Enrolled.Subject("ada", 1));

        _gallery.Delete("ada").ShouldBeTrue();

        _gallery.Delete("ada").ShouldBeFalse();
        Directory.GetFiles(_folder.Root, "*ada*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public void Load_DamagedFile_ReportsItAndLoadsTheOthers()
    {
        _gallery.Save(Enrolled.Subject("ada", 1));
        _gallery.Save(Enrolled.Subject("bob", 2));
        File.WriteAllText(FileOf("ada"), "{\"schema\":1,\"subj");

        var contents = _gallery.Load(TestContext.Current.CancellationToken);

        contents.Subjects.ShouldHaveSingleItem().SubjectId.ShouldBe("bob");
        contents.Failures.ShouldHaveSingleItem().Message.ShouldContain(FileOf("ada"));
    }

    [Fact]
    public void Load_APipeAmongTheSubjects_IsReported()
    {
        _gallery.Save(Enrolled.Subject("ada", 1));
        _folder.WritePipe(Path.GetRelativePath(_folder.Root, FileOf("bob")));

        var contents = _gallery.Load(TestContext.Current.CancellationToken);

        contents.Subjects.ShouldHaveSingleItem().SubjectId.ShouldBe("ada");
        contents.Failures.ShouldHaveSingleItem().Message.ShouldContain("is a pipe, a socket or a device, not a file");
    }

    [Fact]
    public void Load_FileUnderAnotherSubjectsName_IsReported()
    {
        _gallery.Save(Enrolled.Subject("ada", 1));
        File.Move(FileOf("ada"), FileOf("bob"));

        _gallery.Load(TestContext.Current.CancellationToken).Failures.ShouldHaveSingleItem().Message.ShouldContain(
            "holds the subject 'ada', not 'bob'");
    }

    [Fact]
    public void Save_OverADamagedFile_RepairsIt()
    {
        _gallery.Save(Enrolled.Subject("ada", 1));
        File.WriteAllBytes(FileOf("ada"), []);

        _gallery.Save(Enrolled.Subject("ada", 2));

        _gallery.Find("ada")!.Embeddings[0].Vector.ShouldBe(Enrolled.Vector(2));
    }

    private string Subjects => Path.Combine(_folder.Root, "default", "subjects");

    private string FileOf(string id) => Path.Combine(Subjects, id + ".json");
}
