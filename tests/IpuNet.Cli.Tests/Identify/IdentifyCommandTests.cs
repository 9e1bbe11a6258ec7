using System.Text.Json;
using IpuNet.CommandLine;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Models;

namespace IpuNet.Cli.Tests.Identify;

public sealed class IdentifyCommandTests(TestModels models) : IAsyncLifetime
{
    private readonly TestFolder _folder = new();

    public async ValueTask InitializeAsync()
    {
        _folder.WriteFace("people/ada/1.png", person: 1);
        _folder.WriteFace("people/bob/1.png", person: 2);
        await models.RunAsync("enrol", _folder["people"], "--gallery", _folder["gallery"]);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Identify_AnEnrolledFaceAndAStranger_SaysKnownAndUnknown()
    {
        _folder.WriteFace("in/a.png", person: 2);
        _folder.WriteFace("in/b.png", person: 7);

        var answers = await AnswersAsync();

        answers.Length.ShouldBe(2);
        (Text(answers[0], "decision"), Matches(answers[0])[0]).ShouldBe(("known", "bob"));
        Text(answers[1], "decision").ShouldBe("unknown");
        Matches(answers[1]).Length.ShouldBe(2);
    }

    [Fact]
    public async Task Identify_WithJson_AnswersInTheFormOfResults()
    {
        _folder.WriteFace("in/a.png", person: 1);

        JsonElement answer = (await AnswersAsync())[0];

        answer.GetProperty("schema").GetInt32().ShouldBe(1);
        answer.GetProperty("image").GetString().ShouldBe("a.png");
        answer.GetProperty("status").GetString().ShouldBe("ok");
        answer.GetProperty("reason").ValueKind.ShouldBe(JsonValueKind.Null);
        answer.GetProperty("models").GetProperty("enhancer").GetString().ShouldBe("test-enhancer@1");
        answer.GetProperty("models").GetProperty("recogniser").GetString().ShouldBe(models.Store.Current.Recogniser);
        foreach (string step in (string[])["decode", "locate", "recognise", "match"])
            answer.GetProperty("timings").GetProperty(step).GetDouble().ShouldBeGreaterThanOrEqualTo(0);
        JsonElement face = answer.GetProperty("faces")[0];
        face.GetProperty("box").EnumerateArray().Select(n => n.GetSingle()).ShouldBe([0, 0, 96, 96]);
        face.GetProperty("sourceHeight").GetInt32().ShouldBe(96);
        face.GetProperty("band").GetString().ShouldBe(">=96");
        face.GetProperty("crop").GetBoolean().ShouldBeTrue();
        face.GetProperty("unsure").GetBoolean().ShouldBeFalse();
        face.GetProperty("enhanced").GetBoolean().ShouldBeFalse();
        face.GetProperty("threshold").GetSingle().ShouldBe(TestModels.Threshold);
        face.GetProperty("far").GetDouble().ShouldBe(0.001);
        face.GetProperty("matches")[0].GetProperty("subjectId").GetString().ShouldBe("ada");
    }

    [Fact]
    public async Task Identify_ACrop_SaysSoInTheTable()
    {
        _folder.WriteFace("in/a.png", person: 1);

        var run = await RunAsync();

        run.Output.ShouldContain("96 px, crop");
        run.Output.ShouldContain("'crop': no face was looked for or found");
    }

    [Theory]
    [InlineData("auto", 16, true)]
    [InlineData("auto", 96, false)]
    [InlineData("on", 96, true)]
    [InlineData("off", 16, false)]
    public async Task Identify_ByChoiceAndBand_EnhancesOrNot(string choice, int size, bool enhanced)
    {
        _folder.WriteFace("in/a.png", person: 1, size);

        var answers = await AnswersAsync("--enhance", choice);

        answers[0].GetProperty("faces")[0].GetProperty("enhanced").GetBoolean().ShouldBe(enhanced);
    }

    [Fact]
    public async Task Identify_WithABadFile_AnswersForItTooAndExitsWith1()
    {
        _folder.WriteFace("in/a.png", person: 1);
        _folder.Write("in/b.png", []);

        var run = await RunAsync("--json");

        run.Code.ShouldBe(ExitCode.SomeFailed);
        JsonElement[] answers = [.. run.JsonLines()];
        answers[1].GetProperty("status").GetString().ShouldBe("rejected");
        answers[1].GetProperty("reason").GetString()!.ShouldStartWith("the file is empty");
        run.Errors.ShouldContain("error: b.png: the file is empty");
        run.Errors.TrimEnd().ShouldEndWith("error: 1 of 2 images could not be used.");
    }

    [Fact]
    public async Task Identify_WithTop1AndOut_NamesOneSubjectAndWritesTheFace()
    {
        _folder.WriteFace("in/a.png", person: 1);

        var answers = await AnswersAsync("--top", "1", "--out", _folder["out"]);

        Matches(answers[0]).ShouldBe(["ada"]);
        File.Exists(_folder[$"out/{Text(answers[0], "image")}"]).ShouldBeTrue();
    }

    [Fact]
    public async Task Identify_WithoutJson_PrintsATable()
    {
        _folder.WriteFace("in/a.png", person: 1);

        var run = await RunAsync();

        run.Code.ShouldBe(ExitCode.Done);
        run.Output.ShouldMatch(@"a\.png +0 +0,0 +96 px, crop +known +ada 1\.000 +0\.995 +bob ");
        run.Output.ShouldContain("Two different people reach it in 1 of 1,000 comparisons.");
        run.Output.ShouldNotContain("Images without a face");
    }

    [Fact]
    public async Task Identify_WithoutJson_TellsFacesAndImagesWithoutAFaceApart()
    {
        _folder.WriteFace("in/a.png", person: 1);
        _folder.WriteFace("in/b.png", person: 1, size: 400);
        _folder.Write("in/c.png", []);

        var run = await RunAsync();

        string[] parts = run.Output.Split("Images without a face");
        parts.Length.ShouldBe(2);
        parts[0].ShouldContain("a.png");
        parts[0].ShouldNotContain("b.png");
        parts[1].ShouldMatch(@"b\.png +no-face +no face was found");
        parts[1].ShouldMatch(@"c\.png +rejected +the file is empty");
    }

    [Fact]
    public async Task Identify_InAnEmptyGallery_ExitsWith2()
    {
        _folder.WriteFace("in/a.png", person: 1);
        await CommandRun.OfAsync("gallery", "delete", "ada", "bob", "--gallery", _folder["gallery"]);

        var run = await RunAsync();

        run.Code.ShouldBe(ExitCode.Usage);
        run.Errors.ShouldContain("no subject is enrolled");
    }

    [Fact]
    public async Task Identify_InAGalleryOfAnotherRecogniser_SaysSo()
    {
        _folder.WriteFace("in/a.png", person: 1);
        var provenance = new EnrolmentProvenance("x", "x", new(0, 0, 1, 1), new(100, 100));
        var embedding = new SubjectEmbedding(new("other@1", "other@1"), [1, 0], provenance, DateTimeOffset.UnixEpoch);
        new FolderGallery(_folder["gallery"]).Save(new SubjectRecord("eve", [embedding], DateTimeOffset.UnixEpoch));

        var run = await RunAsync();

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("cannot be compared");
    }

    [Fact]
    public async Task Identify_WithoutAPolicy_SaysHowToMeasureOne()
    {
        _folder.WriteFace("in/a.png", person: 1);
        ModelStore store = TestModels.CopyTo(_folder.Folder("models"));
        store.Update(store.Find(store.Current.Enhancer!).Manifest with { Policies = null });

        var run = await CommandRun.OfAsync("identify", _folder["in"], "--gallery", _folder["gallery"], "--models", store.Root);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("ipunet evaluate --write-policy");
    }

    [Fact]
    public async Task Identify_InAWayThatThePolicyHasNoThresholdFor_SaysSo()
    {
        _folder.WriteFace("in/a.png", person: 1, size: 16);
        ModelStore store = TestModels.CopyTo(_folder.Folder("models"));
        store.Update(store.Find(store.Current.Enhancer!).Manifest with { Policies = [TestModels.Policy(store.Current.Recogniser!)] });

        var run = await CommandRun.OfAsync(
            "identify", _folder["in"], "--gallery", _folder["gallery"], "--enhance", "off", "--models", store.Root);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain("no threshold for faces of the band '12-19' without super-resolution");
    }

    private static string Text(JsonElement answer, string property) => answer.GetProperty("faces")[0].GetProperty(property).GetString()!;

    private static string[] Matches(JsonElement answer)
    {
        var matches = answer.GetProperty("faces")[0].GetProperty("matches").EnumerateArray();
        return [.. matches.Select(match => match.GetProperty("subjectId").GetString()!)];
    }

    private async Task<JsonElement[]> AnswersAsync(params string[] more)
    {
        var run = await RunAsync(["--json", .. more]);
        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        return [.. run.JsonLines()];
    }

    private Task<CommandRun> RunAsync(params string[] more) =>
        models.RunAsync(["identify", _folder["in"], "--gallery", _folder["gallery"], .. more]);
}
