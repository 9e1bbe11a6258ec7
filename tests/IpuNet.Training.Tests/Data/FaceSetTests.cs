using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Training.Data;

namespace IpuNet.Training.Tests.Data;

[Collection("Torch")]
public sealed class FaceSetTests : IDisposable
{
    private readonly TrainingFolder _folder = new();

    [Fact]
    public void Find_FolderOfIdentities_NamesWhoseFacesTheyAre()
    {
        IReadOnlyList<TrainingFace> faces = FaceSet.Find(Options(), _folder.Data);

        faces.Count.ShouldBe(12);
        faces.Select(f => f.Identity).Distinct().ShouldBe(["faces/person0", "faces/person1", "faces/person2", "faces/person3"]);
    }

    [Fact]
    public void Find_ListOfPeople_TakesOnlyThem()
    {
        File.WriteAllText(Path.Combine(_folder.Data, "people.txt"), "2\nperson1\t3\nperson3\t3\nnobody\t1\n");

        IReadOnlyList<TrainingFace> faces = FaceSet.Find(
            Options() with { Sets = [Options().Sets[0] with { People = "people.txt" }] }, _folder.Data);

        faces.Select(f => f.Identity).Distinct().ShouldBe(["faces/person1", "faces/person3"]);
    }

    [Fact]
    public void Find_MissingFolder_NamesItAndTheOption()
    {
        var error = Should.Throw<FaceDataException>(
            () => FaceSet.Find(new DataOptions { Sets = [new ImageSet { Folder = "nowhere" }] }, _folder.Data));

        error.Message.ShouldContain("nowhere");
        error.Message.ShouldContain("--data");
    }

    [Fact]
    public void Create_SplitByIdentity_KeepsPeopleApart()
    {
        FaceSplit split = FaceSplit.Create(FaceSet.Find(Options(), _folder.Data), people: 2, seed: 1);

        string?[] kept = [.. split.Validation.Select(v => v.Probe.Identity)];
        kept.Length.ShouldBe(2);
        split.Training.Select(f => f.Identity).Distinct().ShouldAllBe(id => !kept.Contains(id));
        split.Validation.ShouldAllBe(v => v.Probe.Identity == v.Gallery.Identity && v.Probe.Path != v.Gallery.Path);
    }

    [Fact]
    public void Load_OneDamagedImage_ReportsItAndKeepsTheOthers()
    {
        string damaged = Path.Combine(_folder.Data, "faces", "person0", "0.png");
        File.WriteAllText(damaged, "no picture");
        var reports = new List<FaceDataException>();

        AlignedFaces faces = AlignedFaces.Load(
            FaceSet.Find(Options(), _folder.Data), cacheMegabytes: 1, reports.Add, cancellation: TestContext.Current.CancellationToken);

        faces.Count.ShouldBe(11);
        reports.Single().Message.ShouldContain("0.png");
    }

    [Fact]
    public void Load_BeyondTheCache_DecodesAgainAndGivesTheSameFace()
    {
        AlignedFaces kept = AlignedFaces.Load(
            FaceSet.Find(Options(), _folder.Data), cacheMegabytes: 100, cancellation: TestContext.Current.CancellationToken);
        AlignedFaces again = AlignedFaces.Load(
            FaceSet.Find(Options(), _folder.Data), cacheMegabytes: 0, cancellation: TestContext.Current.CancellationToken);

        again[5].Pixels.ShouldBe(kept[5].Pixels);
    }

    public void Dispose() => _folder.Dispose();

    private static DataOptions Options() =>
        new() { Sets = [new ImageSet { Folder = "faces", Identities = true, Crop = new FixedCrop(0, 0, 128) }] };
}
