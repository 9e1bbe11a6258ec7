using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IpuNet.Contract;
using IpuNet.Training.Experiments;

namespace IpuNet.Training.Tests.Experiments;

public sealed partial class ExperimentRulesTests
{
    private static readonly (string Name, Type Type, string? Rule)[] Fields =
    [
        .. ExperimentRules.Of(typeof(EnhancerExperiment)).Concat(ExperimentRules.Of(typeof(RecogniserExperiment)))
            .Concat(ExperimentRules.Of(typeof(AlignerExperiment))).DistinctBy(field => field.Name),
    ];

    public static TheoryData<string, string> Samples =>
    [
        .. from document in Repository.Documents
           from Match sample in Sample().Matches(Repository.Read(document))
           select new TheoryDataRow<string, string>(document, sample.Groups["json"].Value),
    ];

    [Fact]
    public void Of_EveryFieldButYesOrNo_HasARule() =>
        Fields.Where(field => field.Rule is null && field.Type != typeof(bool)).Select(field => field.Name).ShouldBeEmpty();

    [Fact]
    public void TrainingPage_TellsWhatEachFieldHasToBe()
    {
        string page = Repository.Read("docs/training.md");

        foreach (var (name, type, rule) in Fields)
            page.ShouldContain($"| `{name}` | {rule ?? "true, false"} |");
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Parse_OfAnExperimentThatADocumentShows_ReadsIt(string document, string json) =>
        Should.NotThrow(() => Experiment.Parse(json, document));

    [Theory]
    [InlineData("degradation.camera.jpegQuality", "200", "degradation.camera.jpegQuality is 200: it has to be 1 to 100")]
    [InlineData("degradation.camera.jpegQuality", "0", "1 to 100")]
    [InlineData("degradation.camera.probability", "-0.1", "degradation.camera.probability is -0.1: it has to be 0 to 1")]
    [InlineData("degradation.camera.blur", "1e9", "degradation.camera.blur")]
    [InlineData("degradation.camera.noise", "1e999", "noise")]
    [InlineData("degradation.sizes", """["16x16","129x1"]""", "degradation.sizes[1] is '129x1'")]
    [InlineData("degradation.sizes", "[]", "degradation.sizes has 0 items: it has to be 1 to 1,000 long")]
    [InlineData("degradation.sizes", "[null]", "sizes")]
    [InlineData("schedule.batch", "1", "schedule.batch is 1: it has to be 2 to 4,096")]
    [InlineData("schedule.batch", "\"32\"", "$.schedule.batch")]
    [InlineData("schedule.batch", "2.5", "it has to be 2 to 4,096")]
    [InlineData("schedule.batch", "99999999999", "it has to be 2 to 4,096")]
    [InlineData("schedule.learningRate", "NaN", "'N' is an invalid start")]
    [InlineData("schedule.learningRate", "\"NaN\"", "learningRate")]
    [InlineData("schedule.learningRate", "0", "above 0 to 1")]
    [InlineData("schedule.beta1", "1", "0 to below 1")]
    [InlineData("schedule.warmup", "-1", "schedule.warmup")]
    [InlineData("schedule.checkpointEvery", "0", "schedule.checkpointEvery")]
    [InlineData("schedule.checkPointEvery", "1", "checkPointEvery")]
    [InlineData("validation.sizes", "[0]", "validation.sizes[0] is 0: it has to be 1 to 128")]
    [InlineData("validation.pictures", "100000", "validation.pictures")]
    [InlineData("validation.pictures", "0", "validation.pictures is 0: it has to be 1 to 256")]
    [InlineData("losses.pixelKind", "1", "losses.pixelKind")]
    [InlineData("losses.pixelKind", "\"l2\"", "\"l1\", \"mse\"")]
    [InlineData("losses.pixel", "-1", "losses.pixel")]
    [InlineData("losses.contrastTemperature", "0", "losses.contrastTemperature")]
    [InlineData("losses.perceptualMaps", "[-1]", "losses.perceptualMaps[0]")]
    [InlineData("view.rotation", "1000", "view.rotation")]
    [InlineData("data.sets", """[{"folder":""}]""", "data.sets[0].folder has 0 characters")]
    [InlineData("data.sets", """[{"folder":"a","crop":{"x":0,"y":0,"side":0}}]""", "data.sets[0].crop.side is 0")]
    [InlineData("data.sets", """[{"folder":"a","crop":{"x":0,"y":0}}]""", "side")]
    [InlineData("data.augmentation.scale", "1", "data.augmentation.scale")]
    [InlineData("data.cacheMegabytes", "-1", "data.cacheMegabytes")]
    [InlineData("network.width", "257", "network.width")]
    [InlineData("network", "null", "network")]
    [InlineData("recogniser", "\"\"", "recogniser")]
    [InlineData("name", "1", "name")]
    public void Parse_OfWhatAFieldCannotBe_NamesTheFieldAndWhatItHasToBe(string field, string value, string named)
    {
        string message = Should.Throw<FaceDataException>(() => Experiment.Parse(With(field, value), "x.json")).Message;

        message.ShouldStartWith("x.json: ");
        message.ShouldContain(named);
        message.ShouldNotContain("\n");
    }

    [Fact]
    public void Parse_OfSeveralMistakes_NamesThemAll()
    {
        string message = Should.Throw<FaceDataException>(() => Experiment.Parse(
            """{"name":"x","data":{"sets":[{"folder":"a"}]},"schedule":{"batch":0,"steps":0}}""", "x.json")).Message;

        message.ShouldContain("schedule.batch is 0");
        message.ShouldContain("schedule.steps is 0");
    }

    [Fact]
    public void Parse_OfAFieldTwice_IsRefused() =>
        Should.Throw<FaceDataException>(() => Experiment.Parse("""{"name":"x","name":"y","data":{"sets":[{"folder":"a"}]}}""", "x.json"));

    [Fact]
    public void Parse_OfANameThatIsNoText_IsRefused() =>
        Should.Throw<FaceDataException>(() => Experiment.Parse("""{"name":"x","\ud800":1,"data":{"sets":[{"folder":"a"}]}}""", "x.json"));

    [Fact]
    public void Parse_WithComments_IsRead() =>
        Experiment.Parse("""{"name":"x", /* whose */ "data":{"sets":[{"folder":"a"}]}}""", "x.json").Name.ShouldBe("x");

    [Theory]
    [InlineData("aligner")]
    [InlineData("default")]
    [InlineData("facenet-small")]
    [InlineData("paper")]
    [InlineData("retrain")]
    public void Load_OfAShippedExperiment_Reads(string name) =>
        Experiment.Load(Repository.PathOf($"models/experiments/{name}.json")).Name.ShouldBe(name);

    // The value stands as it is, so that it may be no JSON.
    private static string With(string field, string value)
    {
        const string Mark = "\"@\"";
        var root = (JsonObject)JsonNode.Parse("""{"name":"x","data":{"sets":[{"folder":"a"}]}}""")!;
        JsonObject at = root;
        string[] names = field.Split('.');
        foreach (string name in names[..^1])
            at = (JsonObject)(at[name] ??= new JsonObject());
        at[names[^1]] = "@";
        return root.ToJsonString().Replace(Mark, value, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^```json experiment\n(?<json>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Sample();
}
