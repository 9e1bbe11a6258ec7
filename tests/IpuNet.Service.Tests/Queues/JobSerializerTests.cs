using System.Text;
using IpuNet.Contract;

namespace IpuNet.Service.Tests.Queues;

public sealed class JobSerializerTests
{
    [Fact]
    public void Read_WithTheContractsExample_GivesItsParts()
    {
        var message = Read<FaceBatchMessage>(
            """{"schema":1,"batchId":"cam-7","gallery":"default","images":["uploads/cam-7/0001.png"],"faces":"crop"}""");

        message.ShouldSatisfyAllConditions(
            m => m.BatchId.ShouldBe("cam-7"),
            m => m.Gallery.ShouldBe("default"),
            m => m.Images.ShouldBe(["uploads/cam-7/0001.png"]),
            m => m.Faces.ShouldBe(FaceDetectionMode.Crop));
    }

    [Fact]
    public void Read_AfterWrite_GivesTheSame()
    {
        var message = new EnrolmentMessage
        {
            JobId = "j",
            Gallery = "default",
            SubjectId = "ada",
            Action = EnrolmentAction.Replace,
            Images = ["uploads/enrolments/j/1.png"],
        };

        EnrolmentMessage read = JobSerializer.Read<EnrolmentMessage>(JobSerializer.Write(message));

        read.ShouldBe(message with { Images = read.Images });
        read.Images.ShouldBe(message.Images);
    }

    [Fact]
    public void Write_UsesTheContractsNames() =>
        Encoding.UTF8.GetString(JobSerializer.Write(new RetrainingMessage { JobId = "7", Experiment = "default" }))
            .ShouldBe("""{"jobId":"7","experiment":"default","schema":1}""");

    [Theory]
    [InlineData("""{"schema":2,"jobId":"7","experiment":"default"}""", "schema")]
    [InlineData("""{"jobId":"7","experiment":"default"}""", "schema")]
    [InlineData("""{"schema":1,"jobId":"7"}""", "json")]
    [InlineData("""{"schema":1,"jobId":null,"experiment":"default"}""", "json")]
    [InlineData("""{"schema":1,"jobId":"7","experiment":"default","jobId":"8"}""", "json")]
    [InlineData("null", "schema")]
    [InlineData("{", "json")]
    [InlineData("", "json")]
    public void Read_OfWhatIsNoSuchMessage_IsRefused(string json, string category) =>
        Should.Throw<JobRefusedException>(() => Read<RetrainingMessage>(json)).Category.ShouldBe(category);

    [Theory]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"g","subjectId":"ada","action":0,"images":[]}""", "action")]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"g","subjectId":"ada","action":"0","images":[]}""", "action")]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"g","subjectId":"ada","action":"Add","images":[]}""", "\"add\"")]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"g","subjectId":"ada","action":"add, delete","images":[]}""", "action")]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"g","subjectId":"ada","action":null,"images":[]}""", "action")]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"g","subjectId":"ada","images":[]}""", "action")]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"g","subjectId":"ada","action":"add","action":"delete","images":[]}""", "action")]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"g","subjectId":"ada","action":"add","images":[null]}""", "images")]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"g","subjectId":"ada","action":"add","images":"a.png"}""", "images")]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"g","subjectId":"ada","action":"add","leaveBehind":"true"}""", "leaveBehind")]
    [InlineData("""{"schema":1,"jobId":7,"gallery":"g","subjectId":"ada","action":"add","images":[]}""", "jobId")]
    [InlineData("""{"schema":"1","jobId":"7","gallery":"g","subjectId":"ada","action":"add","images":[]}""", "schema")]
    [InlineData("""{"Schema":1,"jobId":"7","gallery":"g","subjectId":"ada","action":"add","images":[]}""", "schema")]
    [InlineData("""{"schema":1,"JobId":"7","gallery":"g","subjectId":"ada","action":"add","images":[]}""", "jobId")]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"g","subjectId":"ada","action":"add","images":[],}""", "trailing comma")]
    [InlineData("""{"schema":1,/* x */"jobId":"7","gallery":"g","subjectId":"ada","action":"add","images":[]}""", "'/'")]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"g","subjectId":"ada","action":"add","images":[]} {}""", "'{'")]
    public void Read_OfWhatIsAlmostAMessage_IsRefusedAndSaysWhere(string json, string named) =>
        Should.Throw<JobRefusedException>(() => Read<EnrolmentMessage>(json)).Message.ShouldContain(named);

    [Fact]
    public void EnrolmentAnswer_WithoutItsImages_IsRefused() => Should.Throw<FaceDataException>(() => EnrolmentAnswer.FromJson(
        """{"schema":1,"jobId":"7","status":"ok","sentAt":"2026-03-01T08:00:00Z","finishedAt":"2026-03-01T08:00:00Z"}"""u8,
        "The answer")).Message.ShouldContain("images");

    [Fact]
    public void Read_OfHugeNesting_IsRefused() => Should.Throw<JobRefusedException>(() =>
        Read<RetrainingMessage>(
            $$"""{"schema":1,"jobId":"7","experiment":"x","more":{{new string('[', 10_000)}}{{new string(']', 10_000)}}}"""))
        .Category.ShouldBe("json");

    [Fact]
    public void Read_WithAMemberOfALaterVersion_LeavesItOut() =>
        Read<RetrainingMessage>("""{"schema":1,"jobId":"7","experiment":"x","priority":{"of":[1]}}""").JobId.ShouldBe("7");

    [Fact]
    public void IsReference_TellsAReferenceFromAMessage()
    {
        JobSerializer.IsReference(JobSerializer.Write(new MessageReference { Reference = "results/b/messages/0.json" })).ShouldBeTrue();
        JobSerializer.IsReference(JobSerializer.Write(new RetrainingMessage { JobId = "7", Experiment = "default" })).ShouldBeFalse();
    }

    private static T Read<T>(string json)
        where T : JobMessage => JobSerializer.Read<T>(Encoding.UTF8.GetBytes(json));
}
