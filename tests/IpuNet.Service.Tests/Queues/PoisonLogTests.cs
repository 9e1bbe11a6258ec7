using System.Text;
using Azure.Storage.Queues.Models;
using IpuNet.Contract;
using IpuNet.Service.Queues;

namespace IpuNet.Service.Tests.Queues;

public sealed class PoisonLogTests(AzuriteFixture azurite)
{
    private const string Twin = QueueRig.Name + StorageNames.PoisonSuffix;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{", "json")]
    [InlineData("""{"schema":1,"jobId":7,"experiment":"default"}""", "json")]
    [InlineData("""{"schema":99,"jobId":"7","experiment":"default"}""", "schema")]
    [InlineData("\u0000\u0001", "json")]
    [InlineData("", "json")]
    public async Task PoisonAsync_OfWhatIsNoJob_KeepsItWithTheReason(string json, string category)
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.SendRawAsync(WireMessage.Encode(Encoding.UTF8.GetBytes(json)));
        LeasedMessage message = await rig.Open().ReadOneAsync();
        JobRefusedException refusal = Should.Throw<JobRefusedException>(() => message.Read<RetrainingMessage>());

        await message.PoisonAsync(refusal.Category, refusal.Message, Cancellation);

        PoisonEntry entry = (await rig.Poison.FindAsync(message.Id, Cancellation))!;
        entry.ShouldSatisfyAllConditions(
            e => e.Queue.ShouldBe(QueueRig.Name), e => e.Category.ShouldBe(category), e => e.Reason.ShouldNotBeEmpty(),
            e => e.DequeueCount.ShouldBe(1), e => e.InsertedOn.ShouldNotBeNull(), e => e.Body.ShouldBe(json));
        (await rig.CountAsync()).ShouldBe(0);
        (await PeekTwinAsync(rig)).Single().Body.ToString().ShouldBe(WireMessage.Encode(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public async Task AddAsync_Twice_KeepsOneEntryWithTheFirstReason()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);

        await rig.Poison.AddAsync(Entry("a", reason: "first"), Cancellation);
        await rig.Poison.AddAsync(Entry("a", reason: "second"), Cancellation);

        (await ListAsync(rig)).Single().Reason.ShouldBe("first");
        (await PeekTwinAsync(rig)).Length.ShouldBe(1);
    }

    [Fact]
    public async Task AddAsync_AfterOneThatDiedBetweenQueueAndBlob_SendsNoSecondMessage()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        PoisonEntry entry = Entry("a");
        await rig.Account.Container(StorageNames.Results).UploadBlobAsync(
            StorageNames.PoisonEntry(QueueRig.Name, "a"), new BinaryData(entry.ToJson()), Cancellation);
        await rig.Account.Queue(Twin).SendMessageAsync(WireMessage.Encode(Encoding.UTF8.GetBytes(entry.Body)), Cancellation);
        await rig.Account.Queue(Twin).SendMessageAsync("other", Cancellation);

        await rig.Poison.AddAsync(entry, Cancellation);

        (await rig.CountAsync(Twin)).ShouldBe(2);
        await rig.Poison.RequeueAsync("a", Cancellation);
        (await PeekTwinAsync(rig)).Single().Body.ToString().ShouldBe("other");
    }

    [Fact]
    public async Task AddAsync_OfAnUpload_KeepsItWithoutAMessage()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);

        await rig.Poison.AddAsync(Entry("a") with { Queue = StorageNames.Uploads }, Cancellation);

        (await rig.Poison.FindAsync("a", Cancellation)).ShouldNotBeNull();
        await Should.ThrowAsync<FaceDataException>(() => rig.Poison.RequeueAsync("a", Cancellation));
    }

    [Fact]
    public async Task RequeueAsync_SendsTheMessageAndRemovesBothTraces()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        var job = new FaceBatchMessage { BatchId = "b", Gallery = "default", Images = ["uploads/b/ä.png"] };
        await rig.Open().SendAsync(job, Cancellation);
        LeasedMessage message = await rig.Open().ReadOneAsync();
        await message.PoisonAsync("any", "any", Cancellation);

        await rig.Poison.RequeueAsync(message.Id, Cancellation);

        (await ListAsync(rig)).ShouldBeEmpty();
        (await rig.CountAsync(Twin)).ShouldBe(0);
        FaceBatchMessage back = (await rig.Open().ReadOneAsync()).Read<FaceBatchMessage>();
        JobSerializer.Write(back).ShouldBe(JobSerializer.Write(job));
    }

    [Fact]
    public async Task RequeueAsync_AfterSomebodyLookedAtThePoisonQueue_StillFindsTheMessage()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        foreach (string id in (string[])["a", "b", "c"])
            await rig.Poison.AddAsync(Entry(id), Cancellation);
        var seen = await rig.Account.Queue(Twin).ReceiveMessagesAsync(32, TimeSpan.FromSeconds(30), Cancellation);
        foreach (QueueMessage message in seen.Value)
            await rig.Account.Queue(Twin).UpdateMessageAsync(
                message.MessageId, message.PopReceipt, visibilityTimeout: TimeSpan.Zero, cancellationToken: Cancellation);

        await rig.Poison.RequeueAsync("b", Cancellation);

        (await PeekTwinAsync(rig)).Select(left => left.Body.ToString()).ShouldBe(
            ((string[])["a", "c"]).Select(id => WireMessage.Encode(Encoding.UTF8.GetBytes(Entry(id).Body))), ignoreOrder: true);
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("../../uploads/a")]
    [InlineData("")]
    public async Task RequeueAsync_OfWhatIsNotThere_SaysSo(string id)
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);

        (await Should.ThrowAsync<FaceDataException>(() => rig.Poison.RequeueAsync(id, Cancellation))).Message.ShouldContain(
            "ipunet poison list");
    }

    private static PoisonEntry Entry(string id, string reason = "any") => new()
    {
        Queue = QueueRig.Name,
        MessageId = id,
        Category = "any",
        Reason = reason,
        Body = $$"""{"schema":1,"jobId":"{{id}}","experiment":"default"}""",
    };

    private static async Task<List<PoisonEntry>> ListAsync(QueueRig rig)
    {
        List<PoisonEntry> entries = [];
        await foreach (PoisonEntry entry in rig.Poison.ListAsync(Cancellation))
            entries.Add(entry);
        return entries;
    }

    private static async Task<PeekedMessage[]> PeekTwinAsync(QueueRig rig) =>
        (await rig.Account.Queue(Twin).PeekMessagesAsync(32, Cancellation)).Value;
}
