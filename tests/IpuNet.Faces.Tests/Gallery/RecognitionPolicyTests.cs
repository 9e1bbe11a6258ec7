using System.Text;
using System.Text.Json;
using IpuNet.Contract;
using IpuNet.Faces.Policies;

namespace IpuNet.Faces.Tests.Gallery;

public class RecognitionPolicyTests
{
    private static readonly BandPolicy[] Bands =
        [.. ResolutionBand.All.Select((band, i) => new BandPolicy(band, Enhance: i < 3, Threshold: 0.95f - 0.01f * i))];

    private const string Json = """
        {"recogniser":"dlib-resnet29@1","far":0.001,"bands":[
          {"band":">=96","enhance":false,"threshold":0.9},
          {"band":"<12","enhance":true,"threshold":0.95},
          {"band":"12-19","enhance":true,"threshold":0.94},
          {"band":"20-31","enhance":true,"threshold":0.93},
          {"band":"32-47","enhance":false,"threshold":0.92},
          {"band":"48-95","enhance":false,"threshold":0.91}]}
        """;

    [Fact]
    public void Parse_EveryBandOnce_GivesThePolicy()
    {
        var policy = Parse(Json);

        policy.Recogniser.ShouldBe("dlib-resnet29@1");
        policy.Far.ShouldBe(0.001);
        policy.Bands.Select(entry => entry.Band).ShouldBe(ResolutionBand.All);
        policy.For(16).ShouldBe(new BandPolicy(ResolutionBand.Named("12-19")!, true, 0.94f));
    }

    [Fact]
    public void ToJson_Parsed_IsTheSamePolicy()
    {
        var policy = new RecognitionPolicy("dlib-resnet29@1", 0.001, Bands);

        RecognitionPolicy.Parse(policy.ToJson(), "manifest.json").ShouldBe(policy);
    }

    [Fact]
    public void ToJson_Policy_HasTheManifestsShape() =>
        Encoding.UTF8.GetString(new RecognitionPolicy("r@1", 0.01, Bands).ToJson())
            .ShouldStartWith("""{"recogniser":"r@1","far":0.01,"bands":[{"band":"<12","enhance":true,"threshold":0.95},""");

    [Fact]
    public void Deserialize_AsAPartOfAnotherDocument_ReadsItself() =>
        JsonSerializer.Deserialize<Dictionary<string, RecognitionPolicy>>($$"""{"policy":{{Json}}}""")!["policy"].ShouldBe(Parse(Json));

    [Theory]
    [InlineData("\"band\":\"<12\"", "\"band\":\"12-19\"", "band '<12' is missing")]
    [InlineData(
        "{\"band\":\"<12\"",
        "{\"band\":\">=96\",\"enhance\":true,\"threshold\":0.9},{\"band\":\"<12\"",
        "band '>=96' occurs more than once")]
    [InlineData("\"<12\"", "\"<13\"", "the band '<13' is unknown; the bands are '<12', '12-19'")]
    [InlineData("0.95", "1.5", "the threshold of band '<12' is 1.5")]
    [InlineData(",\"threshold\":0.95", "", "band '<12' has no threshold")]
    [InlineData("\"enhance\":true,\"threshold\":0.95", "\"threshold\":0.95", "band '<12' has no \"enhance\"")]
    [InlineData("0.001", "0", "its \"far\" is 0")]
    [InlineData("0.001", "1", "its \"far\" is 1")]
    [InlineData("\"far\":0.001,", "", "it has no \"far\"")]
    [InlineData("dlib-resnet29@1", "", "it has no \"recogniser\"")]
    [InlineData("\"bands\"", "\"strips\"", "it has no bands")]
    [InlineData("0.95", "\"high\"", "bands")]
    [InlineData("]}", "", "")]
    public void Parse_Unusable_NamesTheFileAndTheReason(string good, string bad, string reason)
    {
        var error = Should.Throw<FaceDataException>(() => Parse(Json.Replace(good, bad, StringComparison.Ordinal)));

        error.Message.ShouldStartWith("manifest.json: ");
        error.Message.ShouldContain(reason);
    }

    [Fact]
    public void Constructor_ThresholdNaN_IsRefused() =>
        Should.Throw<FaceDataException>(
            () => new RecognitionPolicy("r@1", 0.001, [Bands[0] with { Threshold = float.NaN }, .. Bands[1..]]));

    [Fact]
    public void RequireRecogniser_AnotherOne_IsRefusedNamingBoth()
    {
        var error = Should.Throw<FaceDataException>(() => Parse(Json).RequireRecogniser("facenet@2"));

        error.Message.ShouldContain("dlib-resnet29@1");
        error.Message.ShouldContain("facenet@2");
    }

    private static RecognitionPolicy Parse(string json) => RecognitionPolicy.Parse(Encoding.UTF8.GetBytes(json), "manifest.json");
}
