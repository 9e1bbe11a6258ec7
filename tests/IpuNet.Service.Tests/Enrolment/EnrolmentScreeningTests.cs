using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Queues.Models;
using IpuNet.Service.Enrolment;
using IpuNet.Service.Messages;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Tests.Enrolment;

public sealed class EnrolmentScreeningTests(AzuriteFixture azurite)
{
    private const string Good = """{"schema":1,"jobId":"good","gallery":"staff","subjectId":"ada","action":"delete"}""";
    private const string Bad = """{"schema":1,"jobId":"bad","gallery":"../staff","subjectId":"ada","action":"delete"}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task LookAsync_OfABadJob_AnswersIt()
    {
        StorageAccount account = await AccountWithAsync(Bad);

        int refused = await ScreeningOf(account).LookAsync(Cancellation);

        refused.ShouldBe(1);
        EnrolmentAnswer answer = await AnswerAsync(account, "bad");
        answer.Status.ShouldBe(EnrolmentStatus.Refused);
        answer.Reason!.ShouldContain("gallery");
    }

    [Fact]
    public async Task LookAsync_TakesNoMessage()
    {
        StorageAccount account = await AccountWithAsync(Bad, Good);

        await ScreeningOf(account).LookAsync(Cancellation);

        QueueMessage[] left = await account.Queue(StorageNames.Enrolments).ReceiveMessagesAsync(10, cancellationToken: Cancellation);
        left.Select(message => (Text(message), message.DequeueCount)).ShouldBe([(Bad, 1), (Good, 1)], ignoreOrder: true);
    }

    [Fact]
    public async Task LookAsync_OfAGoodJob_LeavesItToAWorker()
    {
        StorageAccount account = await AccountWithAsync(Good);

        int refused = await ScreeningOf(account).LookAsync(Cancellation);

        refused.ShouldBe(0);
        (await AnswerBlob(account, "good").ExistsAsync(Cancellation)).Value.ShouldBeFalse();
    }

    [Fact]
    public async Task LookAsync_Again_LeavesTheAnswerAsItIs()
    {
        StorageAccount account = await AccountWithAsync(Bad);
        EnrolmentScreening screening = ScreeningOf(account);
        await screening.LookAsync(Cancellation);
        string before = (await AnswerBlob(account, "bad").GetPropertiesAsync(cancellationToken: Cancellation)).Value.ETag.ToString();

        await screening.LookAsync(Cancellation);

        (await AnswerBlob(account, "bad").GetPropertiesAsync(cancellationToken: Cancellation)).Value.ETag.ToString().ShouldBe(before);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("""{"schema":1,"jobId":"../x","gallery":"staff","subjectId":"ada","action":"delete"}""")]
    public async Task LookAsync_OfAMessageWithoutAJob_AnswersNobody(string message)
    {
        StorageAccount account = await AccountWithAsync(message);

        int refused = await ScreeningOf(account).LookAsync(Cancellation);

        refused.ShouldBe(1);
        (await account.Container(StorageNames.Results).GetBlobsAsync(cancellationToken: Cancellation).ToArrayAsync(Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task LookAsync_OfALargeBadJob_ReadsItWhereItIs()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        var queue = new JobQueue(account, StorageNames.Enrolments, new PoisonLog(account), Options.Create(new QueueOptions()), TimeProvider.System);
        string[] images = [.. Enumerable.Range(0, EnrolmentMessage.MaxImages + 1).Select(i => $"uploads/enrolments/large/{new string('x', 800)}{new string('y', 800)}{i}.png")];
        await queue.SendAsync(new EnrolmentMessage { JobId = "large", Gallery = "staff", SubjectId = "ada", Action = EnrolmentAction.Add, Images = images }, Cancellation);

        await ScreeningOf(account).LookAsync(Cancellation);

        (await AnswerAsync(account, "large")).Reason!.ShouldContain("33 images");
    }

    private static EnrolmentScreening ScreeningOf(StorageAccount account) => new(account, TimeProvider.System);

    private async Task<StorageAccount> AccountWithAsync(params string[] messages)
    {
        StorageAccount account = await azurite.NewAccountAsync();
        foreach (string message in messages)
            await account.Queue(StorageNames.Enrolments).SendMessageAsync(WireMessage.Encode(Encoding.UTF8.GetBytes(message)), Cancellation);
        return account;
    }

    private static string Text(QueueMessage message) => Encoding.UTF8.GetString(Convert.FromBase64String(message.Body.ToString()));

    private static BlobClient AnswerBlob(StorageAccount account, string jobId) =>
        account.Container(StorageNames.Results).GetBlobClient(StorageNames.EnrolmentAnswer(jobId));

    private static async Task<EnrolmentAnswer> AnswerAsync(StorageAccount account, string jobId) =>
        EnrolmentAnswer.FromJson((await AnswerBlob(account, jobId).DownloadContentAsync(Cancellation)).Value.Content, "The answer");
}
