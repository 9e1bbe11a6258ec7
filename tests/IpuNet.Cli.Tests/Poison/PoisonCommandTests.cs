using System.Text;
using Azure.Storage.Queues.Models;
using IpuNet.CommandLine;
using IpuNet.Contract;
using IpuNet.Service.Queues;

namespace IpuNet.Cli.Tests.Poison;

public sealed class PoisonCommandTests(LocalStorage storage) : IClassFixture<LocalStorage>
{
    private const string Nobody = "00000000-0000-0000-0000-000000000000";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_WithAMessage_NamesItWithItsReasonAndExitsWith1()
    {
        string id = await PoisonAsync();

        var run = await storage.RunAsync("poison", "list");

        run.Code.ShouldBe(ExitCode.SomeFailed, run.Errors);
        run.Output.ShouldContain(id);
        run.Output.ShouldContain("no gallery");
    }

    [Fact]
    public async Task Show_OfAMessage_GivesItsBody()
    {
        string id = await PoisonAsync();

        var run = await storage.RunAsync("poison", "show", id);

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        PoisonEntry entry = PoisonEntry.FromJson(Encoding.UTF8.GetBytes(run.Output), "the output");
        entry.Body.ShouldBe($$"""{"schema":1,"id":"{{id}}"}""");
    }

    [Fact]
    public async Task Show_OfAMessageAboutANameWithSigns_ShowsTheNameAsItIs()
    {
        var message = new FaceBatchMessage { BatchId = "b", Gallery = "default", Images = ["uploads/b/für \"Ö'.jpg"] };
        string id = await PoisonAsync(body: Encoding.UTF8.GetString(JobSerializer.Write(message)));

        var run = await storage.RunAsync("poison", "show", id);

        // The message is JSON within JSON, so the quotation mark is escaped twice.
        run.Output.ShouldContain("""uploads/b/für \\\"Ö'.jpg""");
    }

    // What the service has checked is checked again.
    [Theory]
    [InlineData(StorageNames.FaceBatches, StorageNames.FaceBatches)]
    [InlineData(StorageNames.CheckedEnrolments, StorageNames.Enrolments)]
    public async Task Requeue_OfAMessage_PutsItIntoTheQueueOfSendersAndOutOfPoison(string poisoned, string again)
    {
        string id = await PoisonAsync(poisoned);

        var run = await storage.RunAsync("poison", "requeue", id);

        run.Code.ShouldBe(ExitCode.Done, run.Errors);
        run.Output.ShouldContain($"'{again}'");
        PeekedMessage[] queued = await storage.Account.Queue(again).PeekMessagesAsync(32, Cancellation);
        queued.Select(message => Encoding.UTF8.GetString(Convert.FromBase64String(message.MessageText)))
            .ShouldContain($$"""{"schema":1,"id":"{{id}}"}""");
        (await new PoisonLog(storage.Account).FindAsync(id, Cancellation)).ShouldBeNull();
    }

    [Theory]
    [InlineData("show")]
    [InlineData("requeue")]
    public async Task Command_OfAMessageThatIsNotThere_SaysHowToFindThem(string command)
    {
        var run = await storage.RunAsync("poison", command, Nobody);

        run.Code.ShouldBe(ExitCode.SomeFailed);
        run.Errors.ShouldContain(Nobody);
        run.Errors.ShouldContain("ipunet poison list");
    }

    private async Task<string> PoisonAsync(string queue = StorageNames.FaceBatches, string? body = null)
    {
        string id = Guid.NewGuid().ToString();
        var entry = new PoisonEntry
        {
            Queue = queue,
            MessageId = id,
            Category = "gallery",
            Reason = "There is no gallery 'x'.",
            DequeueCount = 1,
            PoisonedOn = DateTimeOffset.UtcNow,
            Body = body ?? $$"""{"schema":1,"id":"{{id}}"}""",
        };
        await new PoisonLog(storage.Account).AddAsync(entry, Cancellation);
        return id;
    }
}
