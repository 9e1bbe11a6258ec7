using System.Text;
using IpuNet.Contract;
using IpuNet.Service.Tests.Queues;
using IpuNet.Service.Tests.Telemetry;
using IpuNet.Service.Upkeep;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IpuNet.Service.Tests.Upkeep;

public sealed class QueueWatchTests(AzuriteFixture azurite)
{
    private const string Twin = QueueRig.Name + StorageNames.PoisonSuffix;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LookAsync_OfPoisonWithoutAReason_WritesOneDown()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        string id = await PutIntoTwinAsync(rig, """{"a":1}""");

        int adopted = await WatchOf(rig, minutesLater: 10).LookAsync(Cancellation);

        adopted.ShouldBe(1);
        PoisonEntry entry = await rig.Poison.RequireAsync(id, Cancellation);
        entry.Category.ShouldBe(QueueWatch.Category);
        entry.Queue.ShouldBe(QueueRig.Name);
        entry.Body.ShouldBe("""{"a":1}""");
        (await rig.CountAsync(Twin)).ShouldBe(1);
    }

    public static TheoryData<string> Queues() => [.. StorageNames.Queues];

    // The Functions host does this with messages that its functions failed on each time.
    [Theory]
    [MemberData(nameof(Queues))]
    public async Task LookAsync_OfWhatTheFunctionsHostPutIntoPoison_WritesAReasonDown(string queue)
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        string id = await PutIntoTwinAsync(rig, """{"schema":1,"jobId":"7"}""", queue);

        int adopted = await WatchOf(rig, minutesLater: 10).LookAsync(Cancellation);

        adopted.ShouldBe(1);
        PoisonEntry entry = await rig.Poison.RequireAsync(id, Cancellation);
        entry.Queue.ShouldBe(queue);
        entry.Reason.ShouldContain("Functions host");
    }

    [Theory]
    [InlineData(StorageNames.Enrolments, true)]
    [InlineData(StorageNames.CheckedEnrolments, true)]
    [InlineData(StorageNames.Retraining, false)]
    public async Task LookAsync_OfAnEnrolmentInPoisonWithoutAReason_AnswersIt(string queue, bool isAnswered)
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await PutIntoTwinAsync(rig, """{"schema":1,"jobId":"7"}""", queue);

        await WatchOf(rig, minutesLater: 10).LookAsync(Cancellation);

        (await rig.Account.Container(StorageNames.Results).GetBlobClient(StorageNames.EnrolmentAnswer("7")).ExistsAsync(Cancellation)).Value
            .ShouldBe(isAnswered);
    }

    // The Functions host cannot decode it either and moves it there unchanged.
    [Fact]
    public async Task LookAsync_OfWhatIsNotBase64_ShowsItAsItIs()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.Account.Queue(StorageNames.Enrolments + StorageNames.PoisonSuffix).SendMessageAsync("""{"schema":1}""", Cancellation);

        await WatchOf(rig, minutesLater: 10).LookAsync(Cancellation);

        (await rig.Poison.ListAsync(Cancellation).ToArrayAsync(Cancellation)).ShouldHaveSingleItem().Body.ShouldBe("""{"schema":1}""");
    }

    [Fact]
    public async Task LookAsync_Again_WritesNothingMore()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await PutIntoTwinAsync(rig, "{}");
        await WatchOf(rig, minutesLater: 10).LookAsync(Cancellation);

        int adopted = await WatchOf(rig, minutesLater: 20).LookAsync(Cancellation);

        adopted.ShouldBe(0);
    }

    [Fact]
    public async Task LookAsync_OfPoisonWithAReason_LeavesItAsItIs()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        var entry = new PoisonEntry { Queue = QueueRig.Name, MessageId = "a", Category = "schema", Reason = "first", Body = "{}" };
        await rig.Poison.AddAsync(entry, Cancellation);

        int adopted = await WatchOf(rig, minutesLater: 10).LookAsync(Cancellation);

        adopted.ShouldBe(0);
        (await rig.Poison.ListAsync(Cancellation).ToArrayAsync(Cancellation)).Single().Reason.ShouldBe("first");
    }

    [Fact]
    public async Task LookAsync_OfPoisonThatHasJustCome_Waits()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await PutIntoTwinAsync(rig, "{}");

        int adopted = await WatchOf(rig, minutesLater: 1).LookAsync(Cancellation);

        adopted.ShouldBe(0);
    }

    [Fact]
    public async Task RequeueAsync_OfWhatWasAdopted_TakesItOutOfPoison()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        string id = await PutIntoTwinAsync(rig, "{}");
        await WatchOf(rig, minutesLater: 10).LookAsync(Cancellation);

        await rig.Poison.RequeueAsync(id, Cancellation);

        (await rig.CountAsync(Twin)).ShouldBe(0);
        (await rig.CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task LookAsync_MeasuresHowManyWaitAndHowLong()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.SendRawAsync("e30=");
        await rig.SendRawAsync("e30=");
        using var measured = new MeasurementRecorder();

        await WatchOf(rig, minutesLater: 40).LookAsync(Cancellation);

        measured.Of("ipunet.queue.messages").ShouldContain(m => m.Tag("queue") == QueueRig.Name && m.Value == 2);
        measured.Of("ipunet.queue.messages").ShouldContain(m => m.Tag("queue") == Twin && m.Value == 0);
        measured.Of("ipunet.queue.oldest").ShouldContain(m => m.Tag("queue") == QueueRig.Name && m.Value >= 2390 && m.Value < 2700);
    }

    private static QueueWatch WatchOf(QueueRig rig, int minutesLater) =>
        new(rig.Account, rig.Poison, new FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(minutesLater)), NullLogger<QueueWatch>.Instance);

    private static async Task<string> PutIntoTwinAsync(QueueRig rig, string text, string queue = QueueRig.Name) =>
        (
            await rig.Account.Queue(queue + StorageNames.PoisonSuffix).SendMessageAsync(
                Convert.ToBase64String(Encoding.UTF8.GetBytes(text)), Cancellation)).Value.MessageId;
}
