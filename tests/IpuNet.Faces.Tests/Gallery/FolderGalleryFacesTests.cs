using CsCheck;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Tests.Gallery;

/// <summary>The aligned faces that a gallery in a folder keeps, and its rules.</summary>
public sealed class FolderGalleryFacesTests : IDisposable
{
    private const string Ada = "ada", Bob = "bob";
    private const int Rounds = 100;

    // Changes of one subject: enrolled with faces kept or not, in place of others or not, deleted.
    private static readonly Gen<(string Do, int At, bool Keep, string[] Images)[]> Changes = Gen.Select(
        Gen.Int[0, 3].Select(i => ((string[])["add", "add", "replace", "delete"])[i]),
        Gen.Int[1, 4],
        Gen.Bool,
        Gen.Int[0, 2].Select(i => ((string[])["a", "b", "c"])[i]).Array[1, 3].Select(images => images.Distinct().ToArray())).Array[1, 6];

    private readonly TestFolder _folder = new();
    private readonly FolderGallery _gallery;

    public FolderGalleryFacesTests() => _gallery = new FolderGallery(_folder["gallery"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FindFaces_AfterEnrolment_GivesTheFacesThatWereKept()
    {
        Enrol(Ada, replace: false, Face("1.jpg"), Face("2.jpg"));

        SubjectRecord subject = _gallery.Find(Ada)!;
        var found = _gallery.FindFaces(Ada, subject.Embeddings);
        found.Keys.ShouldBe(subject.Embeddings, ignoreOrder: true);
        foreach (SubjectEmbedding face in subject.Embeddings)
            found[face].Pixels.ToArray().ShouldBe(AlignedOf(face).Pixels.ToArray());
    }

    [Fact]
    public void Enrol_WithoutAlignedFaces_KeepsNone()
    {
        _gallery.Enrol(Ada, [(Face("1.jpg"), null)], replace: false, replaced: null);

        Directory.Exists(_folder["gallery/faces"]).ShouldBeFalse();
        _gallery.FindFaces(Ada, _gallery.Find(Ada)!.Embeddings).ShouldBeEmpty();
    }

    [Fact]
    public void Load_WhereLeftoversCannotBeRemoved_GivesTheSubjects()
    {
        Enrol(Ada, replace: false, Face("1.jpg"));
        _folder.Write("gallery/faces/bob/left", "left by a crash");
        // Nobody can take a lock there, as on a disk that is read-only.
        Directory.Delete(_folder["gallery/.locks"], recursive: true);
        _folder.Write("gallery/.locks", "a file");

        _gallery.Load(TestContext.Current.CancellationToken).Subjects.ShouldHaveSingleItem().SubjectId.ShouldBe(Ada);
    }

    [Fact]
    public void Enrol_WithAlignedFaces_KeepsThemForTheirUserAlone()
    {
        if (OperatingSystem.IsWindows())
            return;
        Enrol(Ada, replace: false, Face("1.jpg"));

        const UnixFileMode file = UnixFileMode.UserRead | UnixFileMode.UserWrite, folder = file | UnixFileMode.UserExecute;
        File.GetUnixFileMode(Packs(Ada).ShouldHaveSingleItem()).ShouldBe(file);
        foreach (string name in (string[])["gallery", "gallery/faces", "gallery/faces/ada"])
            File.GetUnixFileMode(_folder[name]).ShouldBe(folder);
        File.GetUnixFileMode(_folder["gallery/gallery.json"]).ShouldBe(file);
    }

    [Fact]
    public void Save_InAFolderThatOthersCanRead_ClosesTheFacesToo()
    {
        if (OperatingSystem.IsWindows())
            return;
        Enrol(Ada, replace: false, Face("1.jpg"));
        const UnixFileMode file = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        string pack = Packs(Ada).Single();
        File.SetUnixFileMode(pack, file | UnixFileMode.OtherRead);

        new FolderGallery(_folder["gallery"]).Save(Enrolled.Subject(Bob, 1));

        File.GetUnixFileMode(pack).ShouldBe(file);
    }

    [Fact]
    public void Delete_ASubjectWithFaces_LeavesNothingOfTheirs()
    {
        Enrol(Ada, replace: false, Face("1.jpg"));
        Enrol(Bob, replace: false, Face("2.jpg"));

        _gallery.Delete(Ada).ShouldBeTrue();

        Traces(Ada).ShouldBeEmpty();
        _gallery.FindFaces(Bob, _gallery.Find(Bob)!.Embeddings).ShouldHaveSingleItem();
    }

    [Fact]
    public void Delete_AfterAWriterThatWasKilled_LeavesNothingOfWhatItKept()
    {
        KillBeforeTheRecord(Ada);
        _folder.Write("gallery/faces/ada/1-2.zip.0123456789abcdef0123456789abcdef.tmp", "half of it");

        _gallery.Delete(Ada).ShouldBeFalse();

        Traces(Ada).ShouldBeEmpty();
    }

    [Fact]
    public void Delete_ADamagedSubject_RemovesTheirFaces()
    {
        Enrol(Ada, replace: false, Face("1.jpg"));
        _folder.Write("gallery/subjects/ada.json", "{");

        _gallery.Delete(Ada).ShouldBeTrue();

        Traces(Ada).ShouldBeEmpty();
    }

    [Fact]
    public void Load_AfterAWriterThatWasKilled_RemovesWhatItKept()
    {
        Enrol(Bob, replace: false, Face("2.jpg"));
        KillBeforeTheRecord(Ada);

        _gallery.Load(TestContext.Current.CancellationToken);

        Traces(Ada).ShouldBeEmpty();
        Packs(Bob).ShouldHaveSingleItem();
    }

    [Fact]
    public void Load_KilledAfterAReplacement_RemovesTheFormerFaces()
    {
        Enrol(Ada, replace: false, Face("1.jpg"));
        string former = Packs(Ada).Single();
        byte[] kept = File.ReadAllBytes(former);
        Enrol(Ada, replace: true, Face("2.jpg", hours: 1));
        File.WriteAllBytes(former, kept);

        _gallery.Load(TestContext.Current.CancellationToken);

        File.Exists(former).ShouldBeFalse();
        _gallery.FindFaces(Ada, _gallery.Find(Ada)!.Embeddings).ShouldHaveSingleItem();
    }

    [Fact]
    public void Load_WithADamagedSubject_LeavesTheirFacesAlone()
    {
        Enrol(Ada, replace: false, Face("1.jpg"));
        _folder.Write("gallery/subjects/ada.json", "{");

        _gallery.Load(TestContext.Current.CancellationToken);

        Packs(Ada).ShouldHaveSingleItem();
    }

    [Fact]
    public void Load_WhileAWriterIsAtWork_LeavesItsFacesAlone()
    {
        Enrol(Bob, replace: false, Face("2.jpg"));

        _gallery.Update(Ada, _ =>
        {
            KillBeforeTheRecord(Ada);
            new FolderGallery(_folder["gallery"]).Load(TestContext.Current.CancellationToken);
            Packs(Ada).ShouldHaveSingleItem();
            return new SubjectRecord(Ada, [Face("1.jpg")], Enrolled.Morning);
        });

        _gallery.FindFaces(Ada, _gallery.Find(Ada)!.Embeddings).ShouldHaveSingleItem();
    }

    [Fact]
    public void Enrol_ADamagedPackOfTheSameTime_IsRefusedNamingIt()
    {
        Enrol(Ada, replace: false, Face("1.jpg"));
        File.WriteAllText(Packs(Ada).Single(), "no zip");

        Should.Throw<FaceDataException>(() => Enrol(Ada, replace: false, Face("2.jpg"))).Message.ShouldContain("no usable pack");
    }

    [Fact]
    public void FindFaces_AfterAnyChanges_AreThoseOfTheRecordAndNothingElseIsKept() => Changes.Sample(
        changes =>
        {
            using var folder = new TestFolder();
            var gallery = new FolderGallery(folder.Root);
            foreach (var (action, at, keep, images) in changes)
            {
                if (action == "delete")
                {
                    gallery.Delete(Ada);
                    continue;
                }

                SubjectEmbedding[] faces = [.. images.Select(image => Face(image, at))];
                gallery.Enrol(Ada, [.. faces.Select(face => (face, keep ? AlignedOf(face) : null))], action == "replace", null);
                SubjectEmbedding[] own = [.. gallery.Find(Ada)!.Embeddings.Where(face => images.Contains(face.Provenance.Image))];
                if (keep)
                    gallery.FindFaces(Ada, own).Keys.ShouldBe(own, ignoreOrder: true);
            }

            SubjectRecord? subject = gallery.Find(Ada);
            var found = gallery.FindFaces(Ada, subject?.Embeddings ?? []);
            foreach (var (face, aligned) in found)
                aligned.Pixels.ToArray().ShouldBe(AlignedOf(face).Pixels.ToArray());
            string[] packs = Directory.Exists(folder["faces/ada"]) ? Directory.GetFiles(folder["faces/ada"]) : [];
            packs.Sum(pack => FacePack.Read(File.ReadAllBytes(pack), pack).Count).ShouldBe(found.Count);
            packs.Select(Path.GetFileName).ShouldBe(found.Keys.Select(FacePack.NameOf).Distinct(), ignoreOrder: true);
        },
        iter: Rounds,
        threads: 1);

    [Fact]
    public void Enrol_TheFirstSubject_WritesTheRules()
    {
        Enrol(Ada, replace: false, Face("1.jpg"));

        var rules = GalleryRules.FromJson(File.ReadAllBytes(_folder["gallery/gallery.json"]), "gallery.json");
        rules.Sources.ShouldBe([Enrolled.Source]);
        rules.CreatedAt!.Value.ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddHours(-1));
    }

    [Fact]
    public void Enrol_BesideSubjectsOfAnotherSource_IsRefusedNamingBothAndTheWayOut()
    {
        Enrol(Ada, replace: false, Face("1.jpg"));

        string message = Should.Throw<FaceDataException>(() => Enrol(Bob, replace: false, OfOther("2.jpg"))).Message;

        message.ShouldContain($"is embedded by {Enrolled.Source}, not by {Enrolled.OtherSource}");
        message.ShouldContain($"ipunet gallery reembed --folder {_folder["gallery"]}");
        _gallery.List().ShouldBe([Ada]);
    }

    [Fact]
    public void Enrol_IntoAGalleryOfBefore_GoesByItsSubjects()
    {
        _gallery.Save(Enrolled.Subject(Ada, 1));
        File.Exists(_folder["gallery/gallery.json"]).ShouldBeFalse();

        Should.Throw<FaceDataException>(() => Enrol(Bob, replace: false, OfOther("2.jpg")));
        Enrol(Bob, replace: false, Face("2.jpg"));

        _gallery.ReadRules().Sources.ShouldBe([Enrolled.Source]);
        _gallery.List().ShouldBe([Ada, Bob]);
    }

    [Fact]
    public void Enrol_OfAllSubjectsAnew_LetsTheGalleryFollowAnotherSource()
    {
        Enrol(Ada, replace: false, Face("1.jpg"));
        Enrol(Bob, replace: false, Face("2.jpg"));
        HashSet<string> both = [Ada, Bob];

        _gallery.Require(Enrolled.OtherSource, both);
        _gallery.ReadRules().Sources.ShouldBe([Enrolled.Source]);
        foreach (string subject in both)
            _gallery.Enrol(subject, [(OfOther("3.jpg"), null)], replace: true, both);

        _gallery.ReadRules().Sources.ShouldBe([Enrolled.OtherSource]);
        _gallery.Load(TestContext.Current.CancellationToken).Subjects.ShouldAllBe(
            subject => subject.Embeddings.Single().Source == Enrolled.OtherSource);
    }

    [Fact]
    public void Require_WhereNobodyIsEnrolled_MakesNothing()
    {
        _gallery.Require(Enrolled.Source, replaced: null);

        Directory.Exists(_folder["gallery"]).ShouldBeFalse();
    }

    [Fact]
    public void RequireReady_ForASourceThatTheRulesDoNotName_IsRefused()
    {
        Enrol(Ada, replace: false, Face("1.jpg"));

        _gallery.RequireReady(Enrolled.Source);
        Should.Throw<FaceDataException>(() => _gallery.RequireReady(Enrolled.OtherSource)).Message.ShouldContain("re-embed it");
    }

    private static SubjectEmbedding OfOther(string image) => Enrolled.Face(image, Enrolled.Vector(1), Enrolled.OtherSource);

    private static SubjectEmbedding Face(string image, int hours = 0) =>
        Enrolled.Face(image, Enrolled.Vector(1), at: Enrolled.Morning.AddHours(hours));

    private static RgbImage AlignedOf(SubjectEmbedding face) => TestFolder.Pattern(face.Provenance.Image[0], 128);

    private void Enrol(string subject, bool replace, params SubjectEmbedding[] faces) =>
        _gallery.Enrol(subject, [.. faces.Select(face => (face, (RgbImage?)AlignedOf(face)))], replace, null);

    // What a writer leaves that kept a face and was killed before the record: the pack of another gallery's subject.
    private void KillBeforeTheRecord(string subject)
    {
        var other = new FolderGallery(_folder["other"]);
        SubjectEmbedding face = Face("1.jpg");
        other.Enrol(subject, [(face, AlignedOf(face))], replace: false, replaced: null);
        string pack = Directory.GetFiles(_folder[$"other/faces/{subject}"]).Single();
        _folder.Write($"gallery/faces/{subject}/{Path.GetFileName(pack)}", File.ReadAllBytes(pack));
    }

    private string[] Packs(string subject) => Directory.GetFiles(_folder[$"gallery/faces/{subject}"]);

    private IEnumerable<string> Traces(string subject) =>
        Directory.EnumerateFileSystemEntries(_folder["gallery"], $"*{subject}*", SearchOption.AllDirectories)
            .Concat(Directory.Exists(_folder[$"gallery/faces/{subject}"]) ? [subject] : []);
}
