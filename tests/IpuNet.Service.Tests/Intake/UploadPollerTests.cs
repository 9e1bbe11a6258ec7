using System.Text;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Intake;
using IpuNet.Service.Queues;
using IpuNet.Service.Reports;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace IpuNet.Service.Tests.Intake;

public sealed class UploadPollerTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30), Look = TimeSpan.FromMilliseconds(20),
    Step = TimeSpan.FromSeconds(1);

    // A test then waits for storage only, not for the pauses between two listings.
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_WithANewUpload_SendsItOnce()
    {
        var (account, host) = await AccountAsync();
        await using Running poller = await StartAsync(account, host);
        await host.UploadAsync("b/1.png", [1]);

        (await SentAsync(host, 1)).ShouldBe(["uploads/b/1.png"]);
        await host.UploadAsync("b/2.png", [2]);
        (await SentAsync(host, 1)).ShouldBe(["uploads/b/2.png"]);
    }

    [Fact]
    public async Task Run_WithUploadsThatAskForTheSame_SendsThemTogether()
    {
        var (account, host) = await AccountAsync();
        for (int i = 0; i <= FaceBatchMessage.MaxImages; i++)
            await host.UploadAsync($"b/{i:00}.png", [1]);
        await host.UploadAsync("c/1.png", [1]);

        await using Running poller = await StartAsync(account, host);

        List<FaceBatchMessage> messages = [];
        await WaitAsync(async () =>
        {
            messages.AddRange(await host.SentAsync());
            return messages.Sum(message => message.Images.Count) == FaceBatchMessage.MaxImages + 2;
        });
        messages.Select(message => (message.BatchId, message.Images.Count)).ShouldBe(
            [("b", FaceBatchMessage.MaxImages), ("b", 1), ("c", 1)], ignoreOrder: true);
    }

    [Fact]
    public async Task Run_WithUploadsFromBeforeItsStart_SaysThatTheyAreNotNew()
    {
        var (account, host) = await AccountAsync();
        await host.UploadAsync("b/1.png", [1]);
        await using Running poller = await StartAsync(account, host);
        (await NextAsync()).IsNew.ShouldBeFalse();

        await host.UploadAsync("b/2.png", [2]);

        (await NextAsync()).IsNew.ShouldBeTrue();

        async Task<FaceBatchMessage> NextAsync()
        {
            IReadOnlyList<FaceBatchMessage> messages = [];
            await WaitAsync(async () => (messages = [.. await host.SentAsync()]).Count > 0);
            return messages.ShouldHaveSingleItem();
        }
    }

    [Fact]
    public async Task Run_WithAReplacedUpload_SendsItAgain()
    {
        var (account, host) = await AccountAsync();
        await using Running poller = await StartAsync(account, host);
        await host.UploadAsync("b/1.png", [1]);
        await SentAsync(host, 1);

        await ReplaceAsync(account, "b/1.png");

        (await SentAsync(host, 1)).ShouldBe(["uploads/b/1.png"]);
    }

    [Fact]
    public async Task Run_WithAnArchive_SendsItsImagesOnce()
    {
        var (account, host) = await AccountAsync();
        await using Running poller = await StartAsync(account, host);
        await host.UploadAsync("b/photos.zip", TestArchive.Of(("1.png", [1]), ("2.png", [2])));

        (await SentAsync(host, 2)).ShouldBe(["uploads/b/photos.zip/1.png", "uploads/b/photos.zip/2.png"]);
        // When a later upload is sent, the unpacked images have been listed as well.
        await host.UploadAsync("b/3.png", [3]);
        (await SentAsync(host, 1)).ShouldBe(["uploads/b/3.png"]);
    }

    [Fact]
    public async Task Run_WithBadUploads_AnswersThemAndGoesOn()
    {
        var (account, host) = await AccountAsync();
        await host.UploadAsync("b/notes.txt", [1]);
        await host.UploadAsync("a b/1.png", [1]);
        await host.UploadAsync("enrolments/job/1.png", [1]);
        await using Running poller = await StartAsync(account, host);
        await host.UploadAsync("b/1.png", [1]);

        (await SentAsync(host, 1)).ShouldBe(["uploads/b/1.png"]);
        await WaitAsync(
            async () => await account.Container(StorageNames.Results)
                .GetBlobClient(StorageNames.Result("b", "notes.txt")).ExistsAsync(Cancellation));
        (await host.ResultAsync("b/notes.txt")).ShouldContain("rejected");
        List<PoisonEntry> poison = [];
        await WaitAsync(async () => (poison = await host.Poison.ListAsync(Cancellation).ToListAsync(Cancellation)).Count > 0);
        poison.ShouldHaveSingleItem().Body.ShouldBe("a b/1.png");
    }

    [Fact]
    public async Task Run_AfterARestart_SendsWhatHasNeitherResultNorPoison()
    {
        var (account, host) = await AccountAsync();
        foreach (string name in (string[])["b/done.png", "b/poisoned.png", "b/replaced.png", "b/waiting.png"])
            await host.UploadAsync(name, [1]);
        await AnswerAsync(account, "b/done.png");
        await AnswerAsync(account, "b/replaced.png");
        await ReplaceAsync(account, "b/replaced.png");
        await PoisonAsync(host, "b/poisoned.png");
        await SumUpAsync(account);

        await using Running poller = await StartAsync(account, host);

        (await SentAsync(host, 2)).ShouldBe(["uploads/b/replaced.png", "uploads/b/waiting.png"], ignoreOrder: true);
        await host.UploadAsync("b/later.png", [1]);
        (await SentAsync(host, 1)).ShouldBe(["uploads/b/later.png"]);
    }

    [Fact]
    public async Task Run_WhileTheContainerIsAway_GoesOnWhenItIsBack()
    {
        var (account, host) = await AccountAsync();
        await account.Container(StorageNames.Uploads).DeleteAsync(cancellationToken: Cancellation);
        await using Running poller = await StartAsync(account, host);
        await WaitAsync(() => Task.FromResult(poller.Warnings > 1));

        await account.CreateAllAsync(Cancellation);
        await host.UploadAsync("b/1.png", [1]);

        (await SentAsync(host, 1)).ShouldBe(["uploads/b/1.png"]);
    }

    [Fact]
    public async Task Run_WithAnUploadThatFailsTimeAndAgain_PutsItIntoPoison()
    {
        var (account, host) = await AccountAsync();
        await host.UploadAsync("b/1.png", [1]);
        // Without limits, no image can be handled.
        await using Running poller = await StartAsync(account, IntakeHost.NewIntake(account, limits: null!));

        List<PoisonEntry> poison = [];
        await WaitAsync(async () => (poison = await host.Poison.ListAsync(Cancellation).ToListAsync(Cancellation)).Count > 0);

        (poison[0].Queue, poison[0].Category, poison[0].Body).ShouldBe((StorageNames.Uploads, "error", "b/1.png"));
    }

    [Fact]
    public async Task Run_AfterARestartWithAResultThatIsNotSummedUp_AsksForTheReport()
    {
        var (account, host) = await AccountAsync();
        await host.UploadAsync("b/notes.txt", [1]);
        await host.HandleAsync("b/notes.txt");
        await account.Queue(StorageNames.FaceBatches).ClearMessagesAsync(Cancellation);

        await using Running poller = await StartAsync(account, host);

        await WaitAsync(async () => (await account.Queue(StorageNames.FaceBatches).PeekMessageAsync(Cancellation)).Value is not null);
    }

    private async Task<(StorageAccount Account, IntakeHost Host)> AccountAsync()
    {
        StorageAccount account = await azurite.NewAccountAsync();
        return (account, new IntakeHost(account));
    }

    private Task<Running> StartAsync(StorageAccount account, IntakeHost host) => StartAsync(account, host.Intake);

    private async Task<Running> StartAsync(StorageAccount account, UploadIntake intake)
    {
        var running = new Running(account, intake, _time);
        await running.Poller.StartAsync(Cancellation);
        return running;
    }

    /// <summary>The images of the next messages, at most as many as requested.</summary>
    private async Task<IReadOnlyList<string>> SentAsync(IntakeHost host, int images)
    {
        List<string> sent = [];
        await WaitAsync(async () =>
        {
            sent.AddRange((await host.SentAsync()).SelectMany(message => message.Images));
            return sent.Count >= images;
        });
        return sent;
    }

    private async Task WaitAsync(Func<Task<bool>> isSo)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Patience);
        while (!await isSo())
        {
            await Task.Delay(Look, limit.Token);
            _time.Advance(Step);
        }
    }

    private static async Task ReplaceAsync(StorageAccount account, string name) =>
        await account.Container(StorageNames.Uploads)
            .GetBlobClient(name).UploadAsync(new BinaryData("other"), overwrite: true, Cancellation);

    private static async Task AnswerAsync(StorageAccount account, string name)
    {
        BlobProperties upload = await account.Container(StorageNames.Uploads)
            .GetBlobClient(name).GetPropertiesAsync(cancellationToken: Cancellation);
        var options = new BlobUploadOptions { Metadata = new ResultMetadata(upload.ETag.ToString(), ImageStatus.NoFace).ToDictionary() };
        await account.Container(StorageNames.Results)
            .GetBlobClient($"{name}.json").UploadAsync(new BinaryData("{}"), options, Cancellation);
    }

    private static async Task SumUpAsync(StorageAccount account)
    {
        using var reporter = new BatchReporter(account);
        await reporter.RenewAsync("b", Cancellation);
    }

    private static Task PoisonAsync(IntakeHost host, string name)
    {
        var message = new FaceBatchMessage { BatchId = "b", Gallery = "nobody", Images = [$"uploads/{name}"] };
        return host.Poison.AddAsync(
            new PoisonEntry
            {
                Queue = StorageNames.FaceBatches,
                MessageId = Guid.NewGuid().ToString(),
                Category = "gallery",
                Reason = "There is no such gallery.",
                PoisonedOn = DateTimeOffset.UtcNow,
                Body = Encoding.UTF8.GetString(JobSerializer.Write(message)),
            },
            Cancellation);
    }

    private sealed class Running(StorageAccount account, UploadIntake intake, TimeProvider time) : IAsyncDisposable, ILogger<UploadPoller>
    {
        private int _warnings;

        public UploadPoller Poller => field ??= new UploadPoller(account, intake, new PoisonLog(account), time, this);

        public int Warnings => _warnings;

        public async ValueTask DisposeAsync()
        {
            await Poller.StopAsync(CancellationToken.None);
            Poller.Dispose();
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Interlocked.Increment(ref _warnings);
    }
}
