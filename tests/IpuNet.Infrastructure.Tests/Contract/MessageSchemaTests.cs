using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using IpuNet.Contract;

namespace IpuNet.Infrastructure.Tests.Contract;

/// <summary>The published schemas say the same of a message as its reader.</summary>
public sealed class MessageSchemaTests
{
    private const string Hash = "d9e29cdc91cbfa94dbbca5424577cb9ef3fc2ea9a01d8823efbd4aaf27f70223";

    private static readonly Dictionary<string, (string Valid, Action<byte[]> Read)> Messages = new()
    {
        ["face-batch-message"] = (
            """{"schema":1,"batchId":"cam-7","gallery":"default","images":["uploads/cam-7/1.png"],"faces":"auto"}""",
            json => JobSerializer.Read<FaceBatchMessage>(json)),
        ["enrolment-message"] = (
            """{"schema":1,"jobId":"j-1","gallery":"default","subjectId":"ada","action":"add","images":["training/ada/1.png"]}""",
            json => JobSerializer.Read<EnrolmentMessage>(json)),
        ["retraining-message"] = (
            """{"schema":1,"jobId":"r-1","experiment":"default"}""", json => JobSerializer.Read<RetrainingMessage>(json)),
        ["message-reference"] = (
            $$"""{"schema":1,"reference":"results/cam-7/messages/{{Hash}}.json"}""", json => JobSerializer.Read<MessageReference>(json)),
    };

    public static TheoryData<string> Kinds => [.. Messages.Keys];

    // Each value is JSON; "-" takes the member away.
    public static TheoryData<string, string, string> Refused
    {
        get
        {
            TheoryData<string, string, string> refused = [];
            foreach (string kind in Messages.Keys)
            {
                foreach (string value in (string[])["-", "2", "0", "null", "true", "\"1\""])
                    refused.Add(kind, "schema", value);
                foreach (string value in (string[])["1", "[]"])
                    refused.Add(kind, "traceparent", value);
                foreach (string value in (string[])["\"yesterday\"", "5"])
                    refused.Add(kind, "sentAt", value);
            }

            foreach ((string kind, string member) in
                ((string, string)[])[("face-batch-message", "batchId"), ("enrolment-message", "jobId"), ("retraining-message", "jobId")])
            {
                foreach (string value in (string[])["-", "null", "7", .. Texts(
                    "", "a.", ".a", "-a", "a/b", "a b", "ä", "enrolments", "retraining", "poison", new string('a', 65))])
                    refused.Add(kind, member, value);
            }

            foreach (string kind in (string[])["face-batch-message", "enrolment-message"])
            {
                foreach (string value in (string[])["-", "null", .. Texts("", "Default", "a_b", new string('a', 64))])
                    refused.Add(kind, "gallery", value);
            }

            foreach (string value in (string[])["-", "null", "\"a.png\"", "[1]", "[null]", Images(33)])
                refused.Add("face-batch-message", "images", value);
            foreach (string value in (string[])["null", "\"Auto\"", "\"some\"", "0"])
                refused.Add("face-batch-message", "faces", value);
            foreach (string value in (string[])["null", "\"true\"", "1"])
                refused.Add("face-batch-message", "isNew", value);

            foreach (string value in (string[])["-", "null", "5", .. Texts(
                "", " ada", "ada ", ".ada", "ada.", "a/b", "ä", "con", "CON", "nul.txt", "Lpt1", "com0 .x", new string('a', 129))])
                refused.Add("enrolment-message", "subjectId", value);
            foreach (string value in (string[])["-", "null", "0", "\"Add\"", "\"remove\"", "\"delete\"", "\"reembed\""])
                refused.Add("enrolment-message", "action", value);
            foreach (string value in (string[])["-", "null", "[]", "[null]", Images(33)])
                refused.Add("enrolment-message", "images", value);
            foreach (string value in (string[])["null", "\"true\""])
                refused.Add("enrolment-message", "leaveBehind", value);

            foreach (string value in (string[])["-", "null", .. Texts("", "a.b", "a/b", new string('a', 65))])
                refused.Add("retraining-message", "experiment", value);

            foreach (string value in (string[])["-", "null", .. Texts(
                $"uploads/b/messages/{Hash}.json", $"results/b/{Hash}.json", "results/b/messages/0.json",
                $"results/a/b/messages/{Hash}.json", $"results/b/messages/{Hash.ToUpperInvariant()}.json",
                $"results/b/messages/{Hash}.json.")])
                refused.Add("message-reference", "reference", value);
            return refused;
        }
    }

    public static TheoryData<string, string, string> Accepted => new()
    {
        { "face-batch-message", "batchId", Text(new string('a', 64)) },
        { "face-batch-message", "batchId", Text("7_a.b-") },
        { "face-batch-message", "batchId", Text("poison-2") },
        { "face-batch-message", "gallery", Text(new string('-', 63)) },
        { "face-batch-message", "images", Images(0) },
        { "face-batch-message", "images", Images(32) },
        { "face-batch-message", "faces", "-" },
        { "face-batch-message", "faces", Text("crop") },
        { "face-batch-message", "isNew", "true" },
        { "face-batch-message", "sentAt", Text("2026-03-01T08:00:00Z") },
        { "face-batch-message", "traceparent", "null" },
        { "face-batch-message", "priority", "{}" },
        { "enrolment-message", "subjectId", Text("Ada Lovelace.2") },
        { "enrolment-message", "subjectId", Text("connie") },
        { "enrolment-message", "subjectId", Text(new string('a', 128)) },
        { "enrolment-message", "action", Text("replace") },
        { "enrolment-message", "images", Images(32) },
        { "enrolment-message", "leaveBehind", "true" },
        { "retraining-message", "experiment", Text(new string('a', 64)) },
        { "message-reference", "reference", Text($"results/enrolments/messages/{Hash}.json") },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Message_ThatIsValid_IsAcceptedByBoth(string kind) => JudgeBoth(kind, Messages[kind].Valid).ShouldBe((true, true));

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Message_WithAnotherValidValue_IsAcceptedByBoth(string kind, string member, string value) =>
        JudgeBoth(kind, With(kind, member, value)).ShouldBe((true, true));

    [Theory]
    [MemberData(nameof(Refused))]
    public void Message_WithAWrongValue_IsRefusedByBoth(string kind, string member, string value) =>
        JudgeBoth(kind, With(kind, member, value)).ShouldBe((false, false));

    // What an action takes: a subject, and images.
    [Theory]
    [InlineData("add", "ada", 1, true)]
    [InlineData("add", "ada", 0, false)]
    [InlineData("add", "", 1, false)]
    [InlineData("replace", "ada", 1, true)]
    [InlineData("replace", "ada", 0, false)]
    [InlineData("replace", "", 1, false)]
    [InlineData("delete", "ada", 0, true)]
    [InlineData("delete", "ada", 1, false)]
    [InlineData("delete", "", 0, false)]
    [InlineData("reembed", "", 0, true)]
    [InlineData("reembed", "ada", 0, false)]
    [InlineData("reembed", "", 1, false)]
    public void Enrolment_OfAnAction_TakesWhatTheActionNeeds(string action, string subject, int images, bool isValid) =>
        JudgeBoth(
            "enrolment-message",
            $$"""{"schema":1,"jobId":"j","gallery":"g","subjectId":"{{subject}}","action":"{{action}}","images":{{Images(images)}}}""")
            .ShouldBe((isValid, isValid));

    [Theory]
    [InlineData("delete", true)]
    [InlineData("reembed", false)]
    public void Enrolment_WithoutImagesAndSubject_IsValidForAReembeddingAlone(string action, bool needsSubject)
    {
        string json = $$"""{"schema":1,"jobId":"j","gallery":"g","action":"{{action}}"}""";

        JudgeBoth("enrolment-message", json).ShouldBe((!needsSubject, !needsSubject));
    }

    [Fact]
    public void SubjectId_OfAnyKind_IsJudgedAlikeByBoth() =>
        Gen.Char[" .-_aZ9/äcCoOnNlLpPtT1"].Array[0, 6].Select(signs => new string(signs)).Sample(id =>
        {
            var (schema, reader) = JudgeBoth("enrolment-message", With("enrolment-message", "subjectId", Text(id)));
            return schema == reader;
        });

    [Fact]
    public void ImageAnswer_AsItIsWritten_FollowsItsSchema() => PublishedSchema.Accepts("image-answer", Answer()).ShouldBeTrue();

    [Theory]
    [InlineData("\"known\"", "\"perhaps\"")]
    [InlineData("\"12-19\"", "\"12-20\"")]
    [InlineData("\"sourceHeight\": 16", "\"sourceHeight\": -16")]
    [InlineData("\"far\": 0.001", "\"far\": 1.5")]
    [InlineData("\"threshold\": 0.5", "\"threshold\": -1.5")]
    [InlineData("\"decode\": 1", "\"decode\": -1")]
    [InlineData("\"ada\"", "\"ada/\"")]
    [InlineData("\"schema\": 1,", "")]
    public void ImageAnswer_WithAWrongValue_BreaksItsSchema(string valid, string wrong)
    {
        string answer = Answer();
        answer.ShouldContain(valid);

        PublishedSchema.Accepts("image-answer", answer.Replace(valid, wrong, StringComparison.Ordinal)).ShouldBeFalse();
    }

    private static string Answer() => Encoding.UTF8.GetString(new ImageAnswer
    {
        BatchId = "cam-7",
        Image = "uploads/cam-7/1.png",
        Status = ImageStatus.Ok,
        Models = new(null, "r@1", "d@1"),
        Timings = new() { Decode = 1 },
        Faces =
        [
            new()
            {
                Box = new(1, 2, 16, 16), SourceHeight = 16, Band = "12-19", Enhanced = false, Decision = "known", Threshold = 0.5f,
                Far = 0.001, Matches = [new("ada", 0.9f)],
            },
        ],
    }.ToJson());

    private static (bool Schema, bool Reader) JudgeBoth(string kind, string json)
    {
        bool isRead = true;
        try
        {
            Messages[kind].Read(Encoding.UTF8.GetBytes(json));
        }
        catch (JobRefusedException)
        {
            isRead = false;
        }

        return (PublishedSchema.Accepts(kind, json), isRead);
    }

    private static string With(string kind, string member, string value)
    {
        JsonObject message = JsonNode.Parse(Messages[kind].Valid)!.AsObject();
        message.Remove(member);
        if (value != "-")
            message[member] = JsonNode.Parse(value);
        return message.ToJsonString();
    }

    private static string Text(string value) => JsonSerializer.Serialize(value);

    private static IEnumerable<string> Texts(params string[] values) => values.Select(Text);

    private static string Images(int count) =>
        JsonSerializer.Serialize(Enumerable.Range(0, count).Select(i => $"training/ada/{i}.png"));
}
