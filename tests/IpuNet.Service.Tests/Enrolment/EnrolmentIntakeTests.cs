using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Queues.Models;
using IpuNet.Contract;
using IpuNet.Service.Enrolment;
using IpuNet.Service.Queues;
using IpuNet.Service.Tests.Queues;
using IpuNet.Service.Upkeep;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IpuNet.Service.Tests.Enrolment;

/// <summary>The outcome of jobs that only the queue trigger handles: no worker runs here.</summary>
public sealed class EnrolmentIntakeTests(AzuriteFixture azurite)
{
    private const string Bad = """{"schema":1,"jobId":"bad","gallery":"../staff","subjectId":"ada","action":"delete"}""";
    private const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private static readonly EnrolmentMessage Good =
        new() { JobId = "good", Gallery = "staff", SubjectId = "ada", Action = EnrolmentAction.Delete };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task HandleAsync_OfABadJob_AnswersItAndPutsItIntoPoison()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        string id = await SendTextAsync(rig, Bad);

        await HostOf(rig).RunAsync();

        PoisonEntry entry = await rig.Poison.RequireAsync(id, Cancellation);
        (entry.Queue, entry.Category, entry.Body, entry.DequeueCount).ShouldBe((StorageNames.Enrolments, "gallery", Bad, 1));
        EnrolmentAnswer answer = await AnswerAsync(rig, "bad");
        (answer.Status, answer.Reason, answer.SentAt).ShouldBe((EnrolmentStatus.Refused, entry.Reason, entry.InsertedOn!.Value));
        await ShouldHoldAsync(rig, enrolments: 0, poison: 1, forwarded: 0);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("""{"schema":1,"jobId":"../x","gallery":"staff","subjectId":"ada","action":"delete"}""")]
    [InlineData("""{"schema":1,"reference":"galleries/staff/gallery.json"}""")]
    public async Task HandleAsync_OfAMessageWithoutAJob_PutsItIntoPoisonAndAnswersNobody(string message)
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        string id = await SendTextAsync(rig, message);

        await HostOf(rig).RunAsync();

        (await rig.Poison.RequireAsync(id, Cancellation)).Body.ShouldBe(message);
        (await BlobsAsync(rig)).ShouldBe([StorageNames.PoisonEntry(StorageNames.Enrolments, id)]);
    }

    [Fact]
    public async Task HandleAsync_OfABadJobTwice_LeavesTheSame()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await SendTextAsync(rig, Bad);
        QueueMessage message = (await HostOf(rig).ReceiveAsync()).Single();
        await IntakeOf(rig).HandleAsync(message, Cancellation);
        EnrolmentAnswer answer = await AnswerAsync(rig, "bad");

        await IntakeOf(rig).HandleAsync(message, Cancellation);

        (await AnswerAsync(rig, "bad")).ShouldBeEquivalentTo(answer);
        (await BlobsAsync(rig)).Count.ShouldBe(2);
        await ShouldHoldAsync(rig, enrolments: 1, poison: 1, forwarded: 0);
    }

    [Fact]
    public async Task HandleAsync_OfAGoodJob_ForwardsItWithItsTimeAndItsTrace()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.Open(name: StorageNames.Enrolments).SendAsync(Good with { Traceparent = Trace }, Cancellation);
        QueueTriggerHost host = HostOf(rig);
        QueueMessage message = (await host.ReceiveAsync()).Single();
        // The storage clock counts in seconds.
        await Task.Delay(TimeSpan.FromSeconds(1), Cancellation);

        await IntakeOf(rig).HandleAsync(message, Cancellation);

        LeasedMessage forwarded = await Forwarded(rig).ReadOneAsync();
        forwarded.SentAt.ShouldBe(message.InsertedOn!.Value);
        forwarded.InsertedOn.ShouldBeGreaterThan(forwarded.SentAt);
        forwarded.Read<EnrolmentMessage>().ShouldBe(Good with { Traceparent = Trace, SentAt = message.InsertedOn }, new SameJob());
        (await BlobsAsync(rig)).ShouldBeEmpty();
    }

    [Fact]
    public async Task HandleAsync_OfAJobThatClaimsAnotherTime_TakesThatOfStorage()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.Open(name: StorageNames.Enrolments).SendAsync(Good with { SentAt = DateTimeOffset.UnixEpoch }, Cancellation);

        await HostOf(rig).RunAsync();

        (await Forwarded(rig).ReadOneAsync()).SentAt.ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddMinutes(-5));
    }

    [Fact]
    public async Task HandleAsync_OfABadJobBehindAHundredGoodOnes_AnswersItAtOnce()
    {
        const int good = 100;
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await Task.WhenAll(
            Enumerable.Range(0, good).Select(
                i => rig.Open(name: StorageNames.Enrolments).SendAsync(Good with { JobId = $"{i}" }, Cancellation)));
        await SendTextAsync(rig, Bad);

        await HostOf(rig).RunAsync();

        (await AnswerAsync(rig, "bad")).Status.ShouldBe(EnrolmentStatus.Refused);
        await ShouldHoldAsync(rig, enrolments: 0, poison: 1, forwarded: good);
    }

    [Fact]
    public async Task HandleAsync_OfALargeJob_ForwardsItsReference()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        EnrolmentMessage large = Large(EnrolmentMessage.MaxImages);
        await rig.Open(name: StorageNames.Enrolments).SendAsync(large, Cancellation);
        IReadOnlyList<string> blobs = await BlobsAsync(rig);

        await HostOf(rig).RunAsync();

        await ShouldHoldAsync(rig, enrolments: 0, poison: 0, forwarded: 1);
        LeasedMessage forwarded = await Forwarded(rig).ReadOneAsync();
        forwarded.Read<EnrolmentMessage>().ShouldBe(large, new SameJob());
        forwarded.SentBefore.ShouldNotBeNull();
        blobs.ShouldHaveSingleItem();
        (await BlobsAsync(rig)).ShouldBe(blobs);
    }

    [Fact]
    public async Task HandleAsync_OfALargeBadJob_ReadsItWhereItIs()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.Open(name: StorageNames.Enrolments).SendAsync(Large(EnrolmentMessage.MaxImages + 1), Cancellation);

        await HostOf(rig).RunAsync();

        (await AnswerAsync(rig, "large")).Reason!.ShouldContain("33 images");
        await ShouldHoldAsync(rig, enrolments: 0, poison: 1, forwarded: 0);
    }

    [Fact]
    public async Task HandleAsync_OfAReferenceToABlobThatIsTooLong_RefusesIt()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        string name = $"enrolments/messages/{new string('0', 64)}.json";
        await rig.Account.Container(StorageNames.Results)
            .UploadBlobAsync(name, new BinaryData(new byte[LargeMessages.MaxBytes + 1]), Cancellation);
        string id = await SendTextAsync(rig, $$"""{"schema":1,"reference":"results/{{name}}"}""");

        await HostOf(rig).RunAsync();

        PoisonEntry entry = await rig.Poison.RequireAsync(id, Cancellation);
        entry.Category.ShouldBe("size");
        entry.Reason.ShouldContain("over the limit of 1,048,576");
    }

    [Fact]
    public async Task HandleAsync_OfAJobThatJustFitsIntoAQueue_ForwardsItInABlobOfTheEnrolments()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        EnrolmentMessage full = Large(26);
        full = full with
        {
            Images =
                [.. full.Images, "uploads/enrolments/" + new string('z', WireMessage.MaxBytes - JobSerializer.Write(full).Length - 22)],
        };
        JobSerializer.Write(full).Length.ShouldBe(WireMessage.MaxBytes);
        await SendTextAsync(rig, Encoding.UTF8.GetString(JobSerializer.Write(full)));

        await HostOf(rig).RunAsync();

        await ShouldHoldAsync(rig, enrolments: 0, poison: 0, forwarded: 1);
        (await Forwarded(rig).ReadOneAsync()).Read<EnrolmentMessage>().ShouldBe(full, new SameJob());
        (await BlobsAsync(rig)).ShouldHaveSingleItem().ShouldStartWith("enrolments/messages/");
    }

    [Fact]
    public async Task HandleAsync_WhereStorageFailsEachTime_EndsInPoisonWithAReasonAndAnAnswer()
    {
        QueueRig rig = await QueueRig.CreateAsync(azurite);
        await rig.Account.Queue(StorageNames.CheckedEnrolments).DeleteAsync(Cancellation);
        await rig.Open(name: StorageNames.Enrolments).SendAsync(Good, Cancellation);

        await HostOf(rig).RunAsync();
        await rig.Account.CreateAllAsync(Cancellation);
        await new QueueWatch(
            rig.Account, rig.Poison, new FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(10)),
            NullLogger<QueueWatch>.Instance).LookAsync(Cancellation);

        PoisonEntry entry = (await rig.Poison.ListAsync(Cancellation).ToArrayAsync(Cancellation)).ShouldHaveSingleItem();
        (entry.Queue, entry.Category).ShouldBe((StorageNames.Enrolments, QueueWatch.Category));
        EnrolmentAnswer answer = await AnswerAsync(rig, "good");
        (answer.Status, answer.Reason).ShouldBe((EnrolmentStatus.Failed, entry.Reason));
        await ShouldHoldAsync(rig, enrolments: 0, poison: 1, forwarded: 0);
    }

    private static EnrolmentMessage Large(int images) => new()
    {
        JobId = "large",
        Gallery = "staff",
        SubjectId = "ada",
        Action = EnrolmentAction.Add,
        // UTF-8 needs three bytes for each of these characters.
        Images = [.. Enumerable.Range(0, images).Select(i => $"uploads/enrolments/large/{new string('写', 610)}{i:00}.png")],
    };

    private static EnrolmentIntake IntakeOf(QueueRig rig) => new(rig.Account, Forwarded(rig), rig.Poison, TimeProvider.System);

    private static QueueTriggerHost HostOf(QueueRig rig) => new(rig.Account, StorageNames.Enrolments, IntakeOf(rig).HandleAsync);

    private static JobQueue Forwarded(QueueRig rig) => rig.Open(name: StorageNames.CheckedEnrolments);

    private static async Task<string> SendTextAsync(QueueRig rig, string text) =>
        (
            await rig.Account.Queue(StorageNames.Enrolments)
                .SendMessageAsync(WireMessage.Encode(Encoding.UTF8.GetBytes(text)), Cancellation)).Value.MessageId;

    private static async Task ShouldHoldAsync(QueueRig rig, int enrolments, int poison, int forwarded) =>
        (
            await rig.CountAsync(StorageNames.Enrolments), await rig.CountAsync(StorageNames.Enrolments + StorageNames.PoisonSuffix),
            await rig.CountAsync(StorageNames.CheckedEnrolments))
            .ShouldBe((enrolments, poison, forwarded));

    private static async Task<IReadOnlyList<string>> BlobsAsync(QueueRig rig) =>
        await rig.Account.Container(StorageNames.Results)
            .GetBlobsAsync(cancellationToken: Cancellation).Select(blob => blob.Name).ToArrayAsync(Cancellation);

    private static async Task<EnrolmentAnswer> AnswerAsync(QueueRig rig, string jobId)
    {
        BlobClient blob = rig.Account.Container(StorageNames.Results).GetBlobClient(StorageNames.EnrolmentAnswer(jobId));
        return EnrolmentAnswer.FromJson((await blob.DownloadContentAsync(Cancellation)).Value.Content, "The answer");
    }

    // Records compare lists by reference.
    private sealed class SameJob : IEqualityComparer<EnrolmentMessage>
    {
        public bool Equals(EnrolmentMessage? x, EnrolmentMessage? y) =>
            x == y || (x is not null && y is not null && JobSerializer.Write(x).AsSpan().SequenceEqual(JobSerializer.Write(y)));

        public int GetHashCode(EnrolmentMessage obj) => obj.JobId.GetHashCode(StringComparison.Ordinal);
    }
}
