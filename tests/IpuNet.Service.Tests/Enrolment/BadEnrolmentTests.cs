using IpuNet.Contract;
using IpuNet.Service.Tests.Recognition;

namespace IpuNet.Service.Tests.Enrolment;

public sealed class BadEnrolmentTests(AzuriteFixture azurite, ShippedModels shipped)
{
    private const string Long = "long";

    [Theory]
    [InlineData(
        """{"schema":2,"jobId":"7","gallery":"staff","subjectId":"ada","action":"add","images":["uploads/enrolments/7/1.png"]}""",
        "schema", true)]
    [InlineData(
        """{"jobId":"7","gallery":"staff","subjectId":"ada","action":"add","images":["uploads/enrolments/7/1.png"]}""", "schema", true)]
    [InlineData(
        """{"schema":1,"jobId":"7","gallery":"staff","subjectId":"ada","action":"clone","images":["uploads/enrolments/7/1.png"]}""",
        "json", true)]
    [InlineData(
        """{"schema":1,"jobId":"7","gallery":"staff","subjectId":"ada","action":0,"images":["uploads/enrolments/7/1.png"]}""",
        "json", true)]
    [InlineData(
        """{"schema":1,"jobId":"7","gallery":"staff","subjectId":"ada","action":7,"images":["uploads/enrolments/7/1.png"]}""",
        "json", true)]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"staff","action":"add","images":["uploads/enrolments/7/1.png"]}""", "subject", true)]
    [InlineData(
        """{"schema":1,"jobId":"7","gallery":"staff","subjectId":null,"action":"add","images":["uploads/enrolments/7/1.png"]}""",
        "json", true)]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"staff","subjectId":"ada","action":"add","images":null}""", "json", true)]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"staff","subjectId":"ada","action":"add","images":[null]}""", "json", true)]
    [InlineData(
        """{"schema":1,"jobId":"7","gallery":"../staff","subjectId":"ada","action":"add","images":["uploads/enrolments/7/1.png"]}""",
        "gallery", true)]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"staff","subjectId":"../ada","action":"delete"}""", "subject", true)]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"staff","subjectId":"","action":"delete"}""", "subject", true)]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"staff","subjectId":"ada","action":"add"}""", "size", true)]
    [InlineData("""{"schema":1,"jobId":"7","gallery":"staff","subjectId":"ada","action":"replace","images":[]}""", "size", true)]
    [InlineData(
        """{"schema":1,"jobId":"7","gallery":"staff","subjectId":"ada","action":"delete","images":["uploads/enrolments/7/1.png"]}""",
        "size", true)]
    [InlineData("""{"schema":1,"jobId":"7/../8","gallery":"staff","subjectId":"ada","action":"delete"}""", "name", false)]
    [InlineData("""{"schema":1,"jobId":"","gallery":"staff","subjectId":"ada","action":"delete"}""", "name", false)]
    [InlineData("""{"schema":1,"jobId":7,"gallery":"staff","subjectId":"ada","action":"delete"}""", "json", false)]
    [InlineData("""{"schema":1,"jobId":"7","jobId":"8","gallery":"staff","subjectId":"ada","action":"delete"}""", "json", false)]
    [InlineData("""["schema",1]""", "json", false)]
    [InlineData("no json", "json", false)]
    [InlineData("", "json", false)]
    public async Task ExecuteAsync_OfABadMessage_GivesItToPoisonAtOnceAndAnswersWhereItCan(string message, string category, bool isAnswered)
    {
        EnrolmentRig rig = await RigAsync();
        await rig.SendTextAsync(message);

        await rig.RunAsync();

        await RefusedAsync(rig, category, isAnswered);
    }

    [Theory]
    [InlineData("uploads/enrolments/../cam-7/1.png")]
    [InlineData("uploads/enrolments/7\\1.png")]
    [InlineData("uploads/cam-7/1.png")]
    [InlineData("galleries/staff/subjects/ada.json")]
    [InlineData("models/current.json")]
    [InlineData("training/1.png")]
    [InlineData("training/a/b/1.png")]
    [InlineData("uploads/enrolments/7/1\u0000.png")]
    [InlineData("uploads\u2215enrolments\u22151.png")]
    [InlineData(Long)]
    public async Task ExecuteAsync_OfABadImageNameAmongGoodOnes_RefusesTheJob(string name)
    {
        EnrolmentRig rig = await RigAsync();
        string good = await rig.UploadAsync("7", "good.png", EnrolmentRig.Face(1));
        await rig.SendAsync("7", EnrolmentAction.Add, "ada", good, name == Long ? $"uploads/enrolments/{new string('x', 4000)}" : name);

        await rig.RunAsync();

        await RefusedAsync(rig, "name", isAnswered: true);
        (await rig.AnswerAsync("7")).Reason!.ShouldStartWith("Image 2 of 2: ");
    }

    [Fact]
    public async Task ExecuteAsync_OfTooManyImages_RefusesTheJob()
    {
        EnrolmentRig rig = await RigAsync();
        await rig.SendAsync("7", EnrolmentAction.Add, "ada", [.. Enumerable.Range(0, 33).Select(i => $"uploads/enrolments/7/{i}.png")]);

        await rig.RunAsync();

        await RefusedAsync(rig, "size", isAnswered: true);
    }

    [Fact]
    public async Task ExecuteAsync_OfAnIdThatAnotherJobHas_RefusesItAndKeepsTheAnswer()
    {
        EnrolmentRig rig = await RigAsync();
        await rig.EnrolAsync("7", "ada", EnrolmentAction.Add, EnrolmentRig.Face(1));
        await rig.SendAsync("7", EnrolmentAction.Delete, "bob");

        await rig.RunAsync();

        (await rig.PoisonedAsync()).ShouldHaveSingleItem().Category.ShouldBe("name");
        (await rig.AnswerAsync("7")).SubjectId.ShouldBe("ada");
    }

    private static async Task RefusedAsync(EnrolmentRig rig, string category, bool isAnswered)
    {
        PoisonEntry entry = (await rig.PoisonedAsync()).ShouldHaveSingleItem();
        (entry.Category, entry.DequeueCount).ShouldBe((category, 1));
        (await rig.BlobsAsync(StorageNames.Galleries)).ShouldBeEmpty();
        (await rig.BlobsAsync(StorageNames.Results)).Where(
            name => !name.StartsWith("poison/")).ShouldBe(isAnswered ? ["enrolments/7.json"] : []);
        if (isAnswered)
        {
            EnrolmentAnswer answer = await rig.AnswerAsync("7");
            (answer.Status, answer.Reason).ShouldBe((EnrolmentStatus.Refused, entry.Reason));
        }
    }

    private async Task<EnrolmentRig> RigAsync() => new(await azurite.NewAccountAsync(), shipped.Models);
}
