using IpuNet.Benchmarks.Life;
using IpuNet.Contract;

namespace IpuNet.Benchmarks.Tests.Life;

public class LifeOutcomeTests
{
    private const string Former = "ipunet@1", New = "ipunet@2";
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Faults_OfARunWithoutFaults_IsEmpty() => Outcome(["a", "b"], Result("a"), Result("b", New)).Faults().ShouldBeEmpty();

    [Fact]
    public void Faults_AnUploadWithoutAResult_NamesIt() => Outcome(["a", "b"], Result("a")).Faults().ShouldBe(["1 uploads have no result"]);

    [Fact]
    public void Faults_AResultOfNoUpload_NamesIt() =>
        Outcome(["a"], Result("a"), Result("b")).Faults().ShouldBe(["1 results have no upload"]);

    [Fact]
    public void Faults_AFailedImage_NamesIt() =>
        Outcome(["a"], Result("a") with { Answer = Result("a").Answer with { Status = ImageStatus.Failed } }).Faults()
            .ShouldHaveSingleItem().ShouldContain("one face");

    [Fact]
    public void Faults_Mixed_NamesThem() =>
        (Outcome([]) with { Mixed = 2 }).Faults().ShouldHaveSingleItem().ShouldContain("2 results are a mix");

    [Fact]
    public void Faults_MessagesInQueues_NamesThem() =>
        (Outcome([]) with { Messages = (1, 2) }).Faults().ShouldBe(["1 messages are left", "2 messages are in poison"]);

    [Theory]
    [InlineData(31, 5)]
    [InlineData(10, 31)]
    public void Faults_ASlowSwitch_NamesIt(int firstNew, int lastFormer) =>
        (Outcome([]) with { Switches = [new SwitchTimes("rollback", firstNew, lastFormer)] }).Faults().ShouldBe(
            ["the rollback took more than 30 s"]);

    [Fact]
    public void Faults_ASwitchWithoutEffect_NamesIt() =>
        (Outcome([]) with { Switches = [new SwitchTimes("rollback", null, 5)] }).Faults().ShouldBe(["the rollback took no effect"]);

    [Fact]
    public void SwitchOf_ResultsOfBothModels_CountsFromTheChange()
    {
        var change = SwitchTimes.Of(
            "promotion", Former, New, Start, Start.AddMinutes(5),
            [At(-60, Former), At(8, Former), At(9, Former), At(9, New), At(100, New), At(301, Former)]);

        // Storage rounds down, so a second is added.
        change.ShouldBe(new SwitchTimes("promotion", 10, 10));
    }

    private static LifeOutcome Outcome(IReadOnlyList<string> uploads, params IReadOnlyList<LifeResult> results) => new()
    {
        Uploads = uploads,
        Results = results,
        Mixed = 0,
        Checked = (0, 0),
        Switches = [],
        Kills = 0,
        Messages = (0, 0),
    };

    private static LifeResult At(int seconds, string enhancer) => Result("a", enhancer) with { Written = Start.AddSeconds(seconds) };

    private static LifeResult Result(string name, string enhancer = Former) => new(name, Start, new ImageAnswer
    {
        Image = name,
        Status = ImageStatus.Ok,
        Models = new AnswerModels(enhancer, "recogniser@1", "detector@1"),
        Faces = [
            new FaceAnswer
            {
                Box = new FaceBox(0, 0, 16, 16),
                SourceHeight = 16,
                Band = "12-19",
                Enhanced = true,
                Decision = "unknown",
                Threshold = 0.9f,
                Far = 0.001,
                Matches = [],
            }],
    });
}
