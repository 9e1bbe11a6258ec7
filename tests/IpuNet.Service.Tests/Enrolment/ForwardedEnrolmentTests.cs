using Azure.Storage.Queues.Models;
using IpuNet.Contract;
using IpuNet.Service.Tests.Queues;
using IpuNet.Service.Tests.Recognition;

namespace IpuNet.Service.Tests.Enrolment;

/// <summary>The outcome of jobs that go through the queue trigger and workers.</summary>
public sealed class ForwardedEnrolmentTests(AzuriteFixture azurite, ShippedModels shipped)
{
    // The storage clock counts in seconds.
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1.1);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ExecuteAsync_OfAForwardedJob_EnrolsAsOfWhenItWasSent()
    {
        EnrolmentRig rig = await RigAsync();
        await rig.SendAsync("1", "ada", EnrolmentAction.Add, EnrolmentRig.Face(1));
        QueueMessage message = await TakeAsync(rig);
        await Task.Delay(Tick, Cancellation);

        await rig.Intake().HandleAsync(message, Cancellation);
        await HostOf(rig).DeleteAsync(message);
        await rig.RunAsync();

        EnrolmentAnswer answer = await rig.AnswerAsync("1");
        (answer.Status, answer.Embeddings, answer.SentAt).ShouldBe((EnrolmentStatus.Ok, 1, message.InsertedOn!.Value));
        (await rig.FindAsync("ada"))!.Embeddings.ShouldHaveSingleItem().EnrolledAt.ShouldBe(message.InsertedOn.Value);
    }

    [Fact]
    public async Task ExecuteAsync_OfAnAdditionForwardedAfterADeletionThatWasSentLater_BringsNobodyBack()
    {
        EnrolmentRig rig = await RigAsync();
        await rig.SendAsync("add", "ada", EnrolmentAction.Add, EnrolmentRig.Face(1));
        QueueMessage addition = await TakeAsync(rig);
        await Task.Delay(Tick, Cancellation);
        await rig.SendAsync("delete", EnrolmentAction.Delete, "ada");
        await HostOf(rig).RunAsync();
        await rig.RunCheckedAsync();
        await Task.Delay(Tick, Cancellation);

        await rig.Intake().HandleAsync(addition, Cancellation);
        await HostOf(rig).DeleteAsync(addition);
        await rig.RunAsync();

        (await rig.AnswerAsync("delete")).Status.ShouldBe(EnrolmentStatus.Ok);
        (await rig.AnswerAsync("add")).Status.ShouldBe(EnrolmentStatus.Refused);
        (await rig.FindAsync("ada")).ShouldBeNull();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task ExecuteAsync_OfAJobForwardedTwice_LeavesTheSameAsOnce(int workers)
    {
        EnrolmentRig rig = await RigAsync();
        await rig.SendAsync("1", "ada", EnrolmentAction.Add, EnrolmentRig.Face(1), EnrolmentRig.Face(2));
        QueueMessage message = await TakeAsync(rig);
        await rig.Intake().HandleAsync(message, Cancellation);
        await rig.RunCheckedAsync();
        byte[] subject = (await rig.FindAsync("ada"))!.ToJson(), answer = (await rig.AnswerAsync("1")).ToJson();
        string[] blobs = await AllBlobsAsync(rig);
        await Task.Delay(Tick, Cancellation);

        await rig.Intake().HandleAsync(message, Cancellation);
        await rig.Intake().HandleAsync(message, Cancellation);
        await HostOf(rig).DeleteAsync(message);
        await rig.RunAsync(workers);

        (await rig.FindAsync("ada"))!.ToJson().ShouldBe(subject);
        (await rig.AnswerAsync("1")).ToJson().ShouldBe(answer);
        (await AllBlobsAsync(rig)).ShouldBe(blobs);
        (await rig.PoisonedAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task ExecuteAsync_OfAJobForwardedAndThenTakenByAWorker_IsDoneOnce()
    {
        EnrolmentRig rig = await RigAsync();
        await rig.SendAsync("1", "ada", EnrolmentAction.Add, EnrolmentRig.Face(1));
        QueueMessage message = await TakeAsync(rig);
        await rig.Intake().HandleAsync(message, Cancellation);
        // As if the host had stopped before it deleted the message.
        await rig.Account.Queue(StorageNames.Enrolments).UpdateMessageAsync(
            message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero, cancellationToken: Cancellation);

        await rig.RunAsync(workers: 2);

        (await rig.FindAsync("ada"))!.Embeddings.ShouldHaveSingleItem();
        (await rig.AnswerAsync("1")).SentAt.ShouldBe(message.InsertedOn!.Value);
    }

    [Fact]
    public async Task ExecuteAsync_OfJobsInBothQueues_DoesAll()
    {
        EnrolmentRig rig = await RigAsync();
        for (int job = 0; job < 4; job++)
            await rig.SendAsync($"{job}", "ada", EnrolmentAction.Add, EnrolmentRig.Face(job));
        await HostOf(rig).RunAsync();
        for (int job = 4; job < 8; job++)
            await rig.SendAsync($"{job}", "ada", EnrolmentAction.Add, EnrolmentRig.Face(job));

        await rig.RunAsync();

        (await rig.FindAsync("ada"))!.Embeddings.Count.ShouldBe(8);
    }

    [Fact]
    public async Task ExecuteAsync_OfAJobThatClaimsAnotherTime_TakesThatOfStorage()
    {
        EnrolmentRig rig = await RigAsync();
        await rig.SendTextAsync($$"""
            {"schema":1,"jobId":"1","gallery":"{{EnrolmentRig.Gallery}}","subjectId":"ada","action":"delete",
             "sentAt":"2001-01-01T00:00:00Z"}
            """);

        await rig.RunAsync();

        (await rig.AnswerAsync("1")).SentAt.ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddMinutes(-5));
    }

    // A worker and the trigger give the same answer to the same message.
    [Theory]
    [InlineData("no json")]
    [InlineData("""{"schema":2,"jobId":"1","gallery":"staff","subjectId":"ada","action":"delete"}""")]
    [InlineData("""{"schema":1,"jobId":"1","gallery":"staff","subjectId":"ada","action":"add"}""")]
    [InlineData("""{"schema":1,"jobId":"1","gallery":"staff","subjectId":"ada","action":"add","images":["uploads/cam-7/1.png"]}""")]
    [InlineData("""{"schema":1,"reference":"results/enrolments/messages/0.json"}""")]
    public async Task HandleAsync_OfABadJob_LeavesWhatAWorkerWould(string message)
    {
        EnrolmentRig byWorker = await RigAsync(), byTrigger = await RigAsync();
        await byWorker.SendTextAsync(message);
        await byTrigger.SendTextAsync(message);

        await byWorker.RunAsync();
        await HostOf(byTrigger).RunAsync();

        PoisonEntry expected = (await byWorker.PoisonedAsync()).ShouldHaveSingleItem(),
        entry = (await byTrigger.PoisonedAsync()).ShouldHaveSingleItem();
        (entry.Queue, entry.Category, entry.Reason, entry.Body).ShouldBe(
            (expected.Queue, expected.Category, expected.Reason, expected.Body));
        (await AnswersAsync(byTrigger)).ShouldBe(await AnswersAsync(byWorker));
    }

    [Fact]
    public async Task RequeueAsync_OfACheckedJob_HasItCheckedAgainAsSentAnew()
    {
        EnrolmentRig rig = await RigAsync();
        string body = $$"""
            {"schema":1,"jobId":"1","gallery":"{{EnrolmentRig.Gallery}}","subjectId":"ada","action":"delete",
             "sentAt":"2001-01-01T00:00:00Z"}
            """;
        await rig.Poison.AddAsync(
            new PoisonEntry { Queue = StorageNames.CheckedEnrolments, MessageId = "a", Category = "error", Reason = "first", Body = body },
            Cancellation);

        await rig.Poison.RequeueAsync("a", Cancellation);
        QueueMessage message = await TakeAsync(rig);
        await rig.Intake().HandleAsync(message, Cancellation);
        await HostOf(rig).DeleteAsync(message);
        await rig.RunAsync();

        (await rig.AnswerAsync("1")).SentAt.ShouldBe(message.InsertedOn!.Value);
        (await rig.PoisonedAsync()).ShouldBeEmpty();
    }

    private static QueueTriggerHost HostOf(EnrolmentRig rig) => new(rig.Account, StorageNames.Enrolments, rig.Intake().HandleAsync);

    private static async Task<QueueMessage> TakeAsync(EnrolmentRig rig) => (await HostOf(rig).ReceiveAsync()).ShouldHaveSingleItem();

    private static async Task<string[]> AnswersAsync(EnrolmentRig rig) =>
        [
            .. (await rig.BlobsAsync(StorageNames.Results)).Where(
                name => !name.StartsWith($"{StorageNames.Poison}/", StringComparison.Ordinal)),
        ];

    private static async Task<string[]> AllBlobsAsync(EnrolmentRig rig)
    {
        List<string> all = [];
        foreach (string container in StorageNames.Containers)
            all.AddRange((await rig.BlobsAsync(container)).Select(blob => $"{container}/{blob}"));
        return [.. all];
    }

    private async Task<EnrolmentRig> RigAsync() => new(await azurite.NewAccountAsync(), shipped.Models);
}
