using IpuNet.Faces.Gallery;

namespace IpuNet.Faces.Tests.Gallery;

/// <summary>States that a killed writer leaves behind, and concurrent writers.</summary>
public sealed class FolderGalleryCrashTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly FolderGallery _gallery;

    public FolderGalleryCrashTests() => _gallery = new FolderGallery(_folder.Root);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_KilledBeforeTheFirstRename_HoldsNoSubjectAndCleansUp()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Aside("ada"))!);
        File.WriteAllBytes(Aside("ada"), Enrolled.Subject("ada", 1).ToJson().AsSpan(0, 100));

        var contents = _gallery.Load(TestContext.Current.CancellationToken);

        contents.Subjects.ShouldBeEmpty();
        contents.Failures.ShouldBeEmpty();
        File.Exists(Aside("ada")).ShouldBeFalse();
    }

    [Fact]
    public void Load_KilledWhileReplacing_HoldsTheOldSubject()
    {
        _gallery.Save(Enrolled.Subject("ada", 1));
        File.WriteAllBytes(Aside("ada"), Enrolled.Subject("ada", 2).ToJson().AsSpan(0, 200));

        _gallery.Load(
            TestContext.Current.CancellationToken).Subjects.ShouldHaveSingleItem().Embeddings[0].Vector.ShouldBe(Enrolled.Vector(1));
        _gallery.List().ShouldBe(["ada"]);
    }

    [Fact]
    public void Save_AfterAKilledWriter_TakesItsPlace()
    {
        _gallery.Save(Enrolled.Subject("ada", 1));
        File.WriteAllText(Aside("ada"), new string('x', 100_000));

        _gallery.Save(Enrolled.Subject("ada", 2));

        _gallery.Find("ada")!.Embeddings[0].Vector.ShouldBe(Enrolled.Vector(2));
        File.Exists(Aside("ada")).ShouldBeFalse();
    }

    [Fact]
    public void Delete_AfterAKilledWriter_RemovesWhatItLeft()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Aside("ada"))!);
        File.WriteAllBytes(Aside("ada"), Enrolled.Subject("ada", 1).ToJson());

        _gallery.Delete("ada");

        Directory.GetFiles(_folder.Root, "*ada*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public void Load_WhileAWriterIsAtWork_LeavesItsFileAlone()
    {
        _gallery.Save(Enrolled.Subject("bob", 1));

        _gallery.Update("ada", _ =>
        {
            File.WriteAllText(Aside("ada"), "half of it");
            new FolderGallery(_folder.Root).Load(TestContext.Current.CancellationToken);
            File.Exists(Aside("ada")).ShouldBeTrue();
            return Enrolled.Subject("ada", 1);
        });

        _gallery.Find("ada").ShouldNotBeNull();
    }

    [Fact]
    public void Update_AnotherWriterHoldsTheSubject_GivesUpAfterTheTimeout()
    {
        var impatient = new FolderGallery(_folder.Root, TimeSpan.FromMilliseconds(20));

        _gallery.Update("ada", _ =>
        {
            Should.Throw<IOException>(() => impatient.Save(Enrolled.Subject("ada", 2))).Message.ShouldContain("another writer");
            return Enrolled.Subject("ada", 1);
        });
    }

    [Fact]
    public void Update_ManyWritersOfOneSubject_LosesNothing()
    {
        const int writers = 6, facesEach = 8;

        // Each writer opens its own gallery, as another process would. They share only the lock files.
        Parallel.For(0, writers, new ParallelOptions { MaxDegreeOfParallelism = writers }, writer =>
        {
            var gallery = new FolderGallery(_folder.Root);
            for (var face = 0; face < facesEach; face++)
            {
                var embedding = Enrolled.Face($"{writer}-{face}.jpg", writer * facesEach + face);
                gallery.Update("ada", present => SubjectRecord.Renew(present, "ada", embedding));
            }
        });

        _gallery.Find("ada")!.Embeddings.Select(embedding => embedding.Provenance.Image).Distinct().Count().ShouldBe(writers * facesEach);
    }

    private string Aside(string id) => Path.Combine(_folder.Root, "subjects", $".{id}.tmp");
}
