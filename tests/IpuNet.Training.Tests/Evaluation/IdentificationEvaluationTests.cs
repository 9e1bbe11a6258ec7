using IpuNet.Contract;
using IpuNet.Faces.Reports;
using IpuNet.Training.Degradation;
using IpuNet.Training.Evaluation;
using IpuNet.Training.Evaluation.Protocols;
using IpuNet.Training.Evaluation.Reports;

namespace IpuNet.Training.Tests.Evaluation;

public sealed class IdentificationEvaluationTests : IDisposable
{
    private readonly SyntheticPeople _people = new(people: 12, images: 3);

    public void Dispose() => _people.Dispose();

    [Fact]
    public void Create_OpenShare_KeepsThosePeopleOutOfTheGallery()
    {
        var protocol = IdentificationProtocol.Create("test", _people.Faces, openShare: 0.25);

        protocol.Gallery.Count.ShouldBe(9);
        protocol.Mated.Count.ShouldBe(18);
        protocol.NonMated.Count.ShouldBe(9);
        protocol.Mated.ShouldAllBe(probe => Person(probe.Image) == Person(protocol.Gallery[probe.Subject]));
        protocol.Gallery.ShouldAllBe(image => image.EndsWith("_0001.jpg", StringComparison.Ordinal));
        protocol.NonMated.Select(Person).Intersect(protocol.Gallery.Select(Person)).ShouldBeEmpty();
    }

    [Fact]
    public void Create_SameSeed_IsTheSame()
    {
        var a = IdentificationProtocol.Create("test", _people.Faces, seed: 5);
        var b = IdentificationProtocol.Create("test", [.. _people.Faces.Reverse()], seed: 5);

        b.Gallery.ShouldBe(a.Gallery);
        b.Mated.ShouldBe(a.Mated);
        b.NonMated.ShouldBe(a.NonMated);
        IdentificationProtocol.Create("test", _people.Faces, seed: 6).NonMated.ShouldNotBe(a.NonMated);
    }

    [Fact]
    public void Create_ProbesPerPerson_LimitsThem()
    {
        var protocol = IdentificationProtocol.Create("test", _people.Faces, openShare: 0.25, probesPerPerson: 1);

        protocol.Mated.Count.ShouldBe(9);
        protocol.NonMated.Count.ShouldBe(3);
    }

    [Fact]
    public void Create_OneImageEach_SaysThatThereIsNoProbe() =>
        Should.Throw<FaceDataException>(
            () => IdentificationProtocol.Create("singles", [.. _people.Faces.DistinctBy(face => face.Identity)]))
            .Message.ShouldContain("singles");

    [Fact]
    public void Run_ClearProbes_AreFoundAndStrangersRefused()
    {
        var report = Evaluate(SyntheticPeople.Pipeline);

        var whole = report.Rows.Single(row => row.Probe == "HR");
        whole.Rank1.Value.ShouldBe(1);
        whole.Cmc.ShouldAllBe(share => share == 1);
        whole.DirAtFpir.ShouldAllBe(dir => dir.Dir.Value == 1);
        whole.DirAtFpir.ShouldAllBe(dir => !dir.Measurable);
    }

    [Fact]
    public void Run_TinyProbes_AreFoundLessOftenAndMoreWithSr()
    {
        var report = Evaluate(_people.EnhancingPipeline);

        var bicubic = report.Rows[0];
        var enhanced = report.Rows[1];
        bicubic.Rank1.Value.ShouldBeLessThan(1);
        bicubic.Rank5.Value.ShouldBeGreaterThanOrEqualTo(bicubic.Rank1.Value);
        bicubic.Cmc.ShouldBe(bicubic.Cmc.Order());
        bicubic.Cmc[^1].ShouldBe(1);
        enhanced.Rank1.Value.ShouldBeGreaterThan(bicubic.Rank1.Value);
    }

    [Fact]
    public void Run_NoStrangers_HasNoOpenSet() =>
        Evaluate(SyntheticPeople.Pipeline, openShare: 0).Rows.ShouldAllBe(row => row.DirAtFpir.Count == 0);

    [Fact]
    public void ToJson_Report_IsCamelCaseAndNamesTheFpir()
    {
        string json = System.Text.Encoding.UTF8.GetString(EvaluationJson.ToJson(Evaluate(SyntheticPeople.Pipeline)));

        json.ShouldContain("\"gallerySubjects\": 9");
        json.ShouldContain("\"dirAtFpir\": [");
        json.ShouldContain("\"fpir\": 0.01");
        json.ShouldNotContain("far\"", Case.Insensitive);
    }

    [Fact]
    public void Of_TooFewStrangersForOneFalseName_SaysThatTheDirIsAtFpir0()
    {
        ReportTable table = EvaluationTables.Of(Evaluate(SyntheticPeople.Pipeline));

        table.Columns.Select(column => column.Heading).ShouldBe(["Probe", "Rank 1", "Rank 5", "DIR @ FPIR 1 %", "DIR @ FPIR 10 %"]);
        table.Rows.SelectMany(row => row.Skip(3)).ShouldAllBe(cell => cell.EndsWith("(at\u00a0FPIR\u00a00)"));
    }

    private IdentificationReport Evaluate(FacePipeline pipeline, double openShare = 0.25) =>
        new IdentificationEvaluation(pipeline, SyntheticPeople.Alignment).Run(
            IdentificationProtocol.Create("test", _people.Faces, openShare), new() { Sizes = [new FaceSize(8, 8)] },
            cancellation: TestContext.Current.CancellationToken);

    private static string Person(string image) => Path.GetFileName(Path.GetDirectoryName(image)!);
}
