using System.Diagnostics;
using System.Text;
using IpuNet.Contract;
using IpuNet.Service.Queues;
using IpuNet.Service.Tests.Telemetry;

namespace IpuNet.Service.Tests.Queues;

public sealed class JobQueueTests(AzuriteFixture azurite)
{
    private static readonly RetrainingMessage Job = new() { JobId = "7", Experiment = "default" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ReadAllAsync_AfterSend_GivesTheMessageAndItsPlace()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.Open().SendAsync(Job, Cancellation);

        LeasedMessage message = await rig.Open().ReadOneAsync();

        message.Read<RetrainingMessage>().ShouldBe(Job);
        message.ShouldSatisfyAllConditions(
            m => m.Queue.ShouldBe(QueueRig.Name), m => m.DequeueCount.ShouldBe(1), m => m.Lost.IsCancellationRequested.ShouldBeFalse());
        message.InsertedOn.ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddHours(-1));
    }

    [Fact]
    public async Task CompleteAsync_RemovesTheMessage()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.Open().SendAsync(Job, Cancellation);
        LeasedMessage message = await rig.Open().ReadOneAsync();

        await message.CompleteAsync(Cancellation);

        (await rig.CountAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task ReturnAsync_GivesTheSameMessageToTheNext()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.Open().SendAsync(Job, Cancellation);
        LeasedMessage first = await rig.Open().ReadOneAsync();

        await first.ReturnAsync(TimeSpan.Zero, Cancellation);
        await first.CompleteAsync(Cancellation);

        LeasedMessage second = await rig.Open().ReadOneAsync();
        second.Id.ShouldBe(first.Id);
        second.DequeueCount.ShouldBe(2);
        second.Read<RetrainingMessage>().ShouldBe(Job);
    }

    [Fact]
    public async Task ReadAllAsync_WithAsManyHeldAsAllowed_TakesNoMoreUntilOneIsEnded()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        JobQueue queue = rig.Open();
        for (int i = 0; i < 3; i++)
            await queue.SendAsync(Job, Cancellation);
        await using var messages = queue.ReadAllAsync(2, Cancellation).GetAsyncEnumerator(Cancellation);
        await messages.MoveNextAsync();
        LeasedMessage first = messages.Current;
        await messages.MoveNextAsync();

        Task<bool> third = messages.MoveNextAsync().AsTask();
        (await rig.Account.Queue(QueueRig.Name).PeekMessagesAsync(cancellationToken: Cancellation)).Value.Length.ShouldBe(1);
        third.IsCompleted.ShouldBeFalse();
        await first.CompleteAsync(Cancellation);

        (await third).ShouldBeTrue();
    }

    [Fact]
    public async Task ReadAllAsync_OfLargeMessages_TakesWhatItHasRoomForAndLeavesTheRest()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        for (int i = 0; i < 8; i++)
            await rig.Open().SendAsync(Job, Cancellation);

        foreach (int left in (int[])[6, 4])
        {
            var messages = rig.Open().ReadAllAsync(maxHeld: 64, largest: 32, _ => 32, Cancellation).GetAsyncEnumerator(Cancellation);
            await messages.MoveNextAsync();
            await messages.MoveNextAsync();
            Task<bool> third = messages.MoveNextAsync().AsTask();

            (await rig.Account.Queue(QueueRig.Name).PeekMessagesAsync(32, Cancellation)).Value.Length.ShouldBe(left);
            third.IsCompleted.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task ReadAllAsync_Cancelled_EndsAndReturnsWhatWasNotHandedOut()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        JobQueue queue = rig.Open();
        for (int i = 0; i < 3; i++)
            await queue.SendAsync(Job, Cancellation);
        using var stop = new CancellationTokenSource();
        List<LeasedMessage> read = [];

        await foreach (LeasedMessage message in queue.ReadAllAsync(3, stop.Token))
        {
            read.Add(message);
            await stop.CancelAsync();
        }

        read.Count.ShouldBe(1);
        (await rig.Account.Queue(QueueRig.Name).PeekMessagesAsync(32, Cancellation)).Value.Length.ShouldBe(2);
        read[0].Lost.IsCancellationRequested.ShouldBeFalse();
    }

    [Theory]
    [InlineData(StorageNames.CheckedEnrolments, true)]
    [InlineData(StorageNames.Enrolments, false)]
    [InlineData(StorageNames.FaceBatches, false)]
    public async Task ReadAllAsync_OfAMessageThatSaysWhenItWasSent_BelievesItWhereOnlyTheServiceWrites(string name, bool isBelieved)
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.Open(name: name).SendAsync(Job with { SentAt = DateTimeOffset.UnixEpoch }, Cancellation);

        LeasedMessage message = await rig.Open(name: name).ReadOneAsync();

        message.SentAt.ShouldBe(isBelieved ? DateTimeOffset.UnixEpoch : message.InsertedOn);
    }

    [Fact]
    public async Task ReadAllAsync_OfAMessageThatWasSentAfterItWasForwarded_BelievesStorage()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        JobQueue queue = rig.Open(name: StorageNames.CheckedEnrolments);
        await queue.SendAsync(Job with { SentAt = DateTimeOffset.UtcNow.AddDays(1) }, Cancellation);

        LeasedMessage message = await queue.ReadOneAsync();

        message.SentAt.ShouldBe(message.InsertedOn);
    }

    [Theory]
    [InlineData(WireMessage.MaxBytes, 0)]
    [InlineData(WireMessage.MaxBytes + 1, 1)]
    public async Task SendAsync_OverTheLimit_PassesTheMessageInABlob(int bytes, int blobs)
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        int overhead = JobSerializer.Write(Job with { Experiment = "" }).Length;
        RetrainingMessage large = Job with { Experiment = new string('x', bytes - overhead) };

        await rig.Open().SendAsync(large, Cancellation);
        await rig.Open().SendAsync(large, Cancellation);

        // No name of an experiment is so long, so the message is compared unread.
        (await rig.Open().ReadOneAsync()).Body.ToArray().ShouldBe(JobSerializer.Write(large));
        List<string> stored = [];
        await foreach (var blob in rig.Account.Container(StorageNames.Results).GetBlobsAsync(cancellationToken: Cancellation))
            stored.Add(blob.Name);
        stored.Count.ShouldBe(blobs);
        stored.ShouldAllBe(name => name.StartsWith("retraining/messages/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task SendAsync_UnderATrace_CarriesItToTheReader()
    {
        using ActivityListener listener = TestTraces.Listen();
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        using Activity sender = new Activity("sender").SetIdFormat(ActivityIdFormat.W3C).Start();
        await rig.Open().SendAsync(Job, Cancellation);
        sender.Stop();

        LeasedMessage message = await rig.Open().ReadOneAsync();

        message.Trace!.TraceId.ShouldBe(sender.TraceId);
        message.Trace.HasRemoteParent.ShouldBeTrue();
        Activity.Current.ShouldNotBe(message.Trace);
    }

    [Theory]
    [InlineData("""{"schema":1,"reference":"results/../galleries/messages/0.json"}""", "must have the form")]
    [InlineData("""{"schema":1,"reference":"galleries/default/subjects/ada.json"}""", "must have the form")]
    [InlineData(
        """{"schema":1,"reference":"results/b/messages/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.json"}""",
        "does not exist")]
    public async Task ReadAllAsync_OfAReferenceToNoMessage_PutsItToPoison(string json, string reason)
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        string id = await rig.SendRawAsync(Convert.ToBase64String(Encoding.UTF8.GetBytes(json)));

        await rig.Open().ReadUntilAsync(async () => await rig.CountAsync() == 0);

        (await rig.Poison.FindAsync(id, Cancellation))!.ShouldSatisfyAllConditions(
            e => e.Category.ShouldBe("reference"), e => e.Reason.ShouldContain(reason), e => e.Body.ShouldBe(json));
    }

    [Fact]
    public async Task ReadAllAsync_OfABlobThatWasChanged_PutsTheMessageToPoison()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        string name = $"b/messages/{new string('0', 64)}.json";
        await rig.Account.Container(StorageNames.Results).UploadBlobAsync(name, new BinaryData("{}"), Cancellation);
        string id = await rig.SendRawAsync(WireMessage.Encode(JobSerializer.Write(new MessageReference { Reference = "results/" + name })));

        await rig.Open().ReadUntilAsync(async () => await rig.CountAsync() == 0);

        (await rig.Poison.FindAsync(id, Cancellation))!.Reason.ShouldContain("was changed");
    }

    [Fact]
    public async Task ReadAllAsync_OfWhatIsNotBase64_PutsItToPoisonAndGoesOn()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        string id = await rig.SendRawAsync("{ \"schema\": 1 }");
        await rig.Open().SendAsync(Job, Cancellation);

        (await rig.Open().ReadOneAsync()).Read<RetrainingMessage>().ShouldBe(Job);

        (await rig.Poison.FindAsync(id, Cancellation))!.ShouldSatisfyAllConditions(
            e => e.Category.ShouldBe("encoding"), e => e.Body.ShouldBe("{ \"schema\": 1 }"));
    }
}
