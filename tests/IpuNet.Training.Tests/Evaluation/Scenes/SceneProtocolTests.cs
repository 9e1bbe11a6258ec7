using IpuNet.Contract;
using IpuNet.Training.Data;
using IpuNet.Training.Evaluation.Scenes;

namespace IpuNet.Training.Tests.Evaluation.Scenes;

public sealed class SceneProtocolTests
{
    [Fact]
    public void Create_ManyPeople_KeepsEnrolledPhotosProbesAndStrangersApart()
    {
        SceneProtocol protocol = SceneProtocol.Create("set", [.. People(40, photos: 6), .. Singles(100)], gallery: 80, seed: 1);

        protocol.Subjects.ShouldBe(80);
        protocol.Probes.Count.ShouldBe(3 * SceneProtocol.People);
        protocol.Enrolled.Count.ShouldBe(2 * SceneProtocol.People + 50);
        string[] photos = [.. protocol.Enrolled.Concat(protocol.Probes).Concat(protocol.Strangers).Select(photo => photo.Path)];
        photos.Distinct().Count().ShouldBe(photos.Length);
        int[] enrolled = [.. protocol.Enrolled.Select(photo => photo.Person)];
        protocol.Probes.ShouldAllBe(probe => enrolled.Contains(probe.Person) && probe.Person < SceneProtocol.People);
        protocol.Strangers.ShouldNotBeEmpty();
        protocol.Strangers.ShouldAllBe(probe => !enrolled.Contains(probe.Person));
    }

    [Fact]
    public void Create_SmallSet_LeavesStrangers()
    {
        SceneProtocol protocol = SceneProtocol.Create("set", [.. People(4, photos: 5), .. Singles(8)], gallery: 1500, seed: 1);

        protocol.Subjects.ShouldBe(10);
        protocol.Probes.Count.ShouldBe(12);
        protocol.Strangers.Count.ShouldBe(2);
    }

    [Fact]
    public void Create_SameSeed_IsTheSame()
    {
        TrainingFace[] faces = [.. People(40, photos: 5), .. Singles(40)];

        SceneProtocol.Create("set", faces, 50, seed: 2).Probes.ShouldBe(SceneProtocol.Create("set", faces, 50, seed: 2).Probes);
        SceneProtocol.Create("set", faces, 50, seed: 3).Probes.ShouldNotBe(SceneProtocol.Create("set", faces, 50, seed: 2).Probes);
    }

    [Fact]
    public void Create_NobodyWithThreePhotos_SaysWhatIsNeeded() =>
        Should.Throw<FaceDataException>(() => SceneProtocol.Create("set", [.. People(3, photos: 2)], 30, seed: 1))
            .Message.ShouldContain("nobody has 3 photos");

    private static IEnumerable<TrainingFace> People(int count, int photos) =>
        from person in Enumerable.Range(0, count)
        from photo in Enumerable.Range(0, photos)
        select new TrainingFace($"p{person}/{photo}.jpg", null, $"p{person}");

    private static IEnumerable<TrainingFace> Singles(int count) =>
        Enumerable.Range(0, count).Select(person => new TrainingFace($"s{person}/0.jpg", null, $"s{person}"));
}
