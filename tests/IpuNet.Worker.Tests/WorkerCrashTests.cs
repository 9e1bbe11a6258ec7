using IpuNet.Faces.Models;
using IpuNet.LocalCloud;
using IpuNet.Service.Storage;

namespace IpuNet.Worker.Tests;

/// <summary>Whatever dies when: every picture ends with its one right result.</summary>
public sealed class WorkerCrashTests(AzuriteFixture azurite, QuickModels models)
{
    private const string ConnectionString = "Storage__ConnectionString";
    // Ten workers are killed before the first number of images is done; the second lasts for what else happens in the middle.
    private const int ImagesForKills = 500, ImagesForFaults = 250, Images = 120, ImagesPerMessage = 8, Kills = 10;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(30);

    // Held messages of a killed worker come back soon, so that the test does not take hours.
    private static readonly (string, string)[] Impatient = [
        ("Queues__VisibilityTimeout", "00:00:03"), ("Queues__LongestPoll", "00:00:00.300")];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Worker_KilledTenTimes_LeavesOneRightResultForEachImage()
    {
        var (batch, account, settings) = await PrepareAsync(ImagesForKills);
        // So few that ten workers do not do them all.
        settings = [.. settings, .. Impatient, ("Recognition__MaxImages", "32")];
        var random = new Random(20261124);

        for (int kill = 0; kill < Kills; kill++)
        {
            await using WorkerProcess worker = WorkerProcess.Start(settings);
            await WaitForMoreAsync(account);
            await Task.Delay(random.Next(100), Cancellation);
            await worker.KillAsync();
        }

        (await ProbeBatch.CountResultsAsync(account, Cancellation))
            .ShouldBeLessThan(ImagesForKills, "all was done before the last kill, which then showed nothing");
        await using WorkerProcess last = WorkerProcess.Start(settings);
        await batch.WaitAsync(account, Limit, Cancellation);
        await batch.VerifyAsync(account, Cancellation);
    }

    [Fact]
    public async Task Worker_KilledInTheMiddleOfEnrolments_EnrolsEachPictureOnce()
    {
        StorageOptions options = await azurite.NewOptionsAsync();
        var account = new StorageAccount(options);
        await account.CreateAllAsync(Cancellation);
        var batch = new EnrolmentBatch(account);
        await batch.QueueAsync(Cancellation);
        (string, string)[] settings = [(ConnectionString, options.ConnectionString!), models.Setting, .. Impatient];
        var random = new Random(20261125);

        for (int kill = 0; kill < Kills / 2; kill++)
        {
            await using WorkerProcess worker = WorkerProcess.Start(settings);
            await WaitForMoreAsync(batch.CountMessagesAsync);
            await Task.Delay(random.Next(200), Cancellation);
            await worker.KillAsync();
        }

        (await batch.CountAnswersAsync(Cancellation)).ShouldBeLessThan(
            EnrolmentBatch.Jobs, "all was done before the last kill, which then showed nothing");
        await using WorkerProcess last = WorkerProcess.Start(settings);
        await batch.WaitAsync(Limit, Cancellation);
        await batch.VerifyAsync(Cancellation);
    }

    [Fact]
    public async Task Worker_WhoseStorageIsRestartedTwice_LeavesOneRightResultForEachImage()
    {
        await AzuriteFixture.Package.PathAsync();
        DataFolder folder = await DataFolder.TakeAsync(
            Directory.CreateTempSubdirectory("ipunet-storage-").FullName, _ => { }, Cancellation);
        AzuriteAccount user = AzuriteAccount.New("restarted");
        AzuriteProcess storage = await StartAsync(blobPort: 0, queuePort: 0);
        try
        {
            StorageOptions options = new() { ConnectionString = storage.ConnectionString };
            (ProbeBatch batch, StorageAccount account) = await QueueAsync(options);
            await using WorkerProcess worker = WorkerProcess.Start(
                [(ConnectionString, options.ConnectionString), models.Setting, .. Impatient]);
            for (int restart = 0; restart < 2; restart++)
            {
                await WaitForMoreAsync(account);
                var (blobPort, queuePort) = (storage.BlobPort, storage.QueuePort);
                await storage.DisposeAsync();
                await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
                storage = await StartAsync(blobPort, queuePort);
            }

            await batch.WaitAsync(account, Limit, Cancellation);
            await batch.VerifyAsync(account, Cancellation);
        }
        finally
        {
            await storage.DisposeAsync();
            folder.Dispose();
            Directory.Delete(folder.Path, recursive: true);
        }

        Task<AzuriteProcess> StartAsync(int blobPort, int queuePort) => AzuriteProcess.StartAsync(
            new AzuriteSettings { Accounts = [user], Folder = folder, BlobPort = blobPort, QueuePort = queuePort }, _ => { }, Cancellation);
    }

    [Fact]
    public async Task Worker_WhoseStorageSpoilsATenthOfTheAnswers_LeavesOneRightResultForEachImage()
    {
        var (batch, account, settings) = await PrepareAsync(ImagesForFaults);
        string connection = settings[0].Value;
        await using FaultProxy blobs = await FaultProxy.StartAsync(EndpointOf("BlobEndpoint"), seed: 1),
        queues = await FaultProxy.StartAsync(EndpointOf("QueueEndpoint"), seed: 2);
        string spoilt = connection
            .Replace(
                EndpointOf("BlobEndpoint").GetLeftPart(UriPartial.Authority), blobs.Address.GetLeftPart(UriPartial.Authority),
                StringComparison.Ordinal)
            .Replace(
                EndpointOf("QueueEndpoint").GetLeftPart(UriPartial.Authority), queues.Address.GetLeftPart(UriPartial.Authority),
                StringComparison.Ordinal);

        await using WorkerProcess worker = WorkerProcess.Start(
            [(settings[0].Name, spoilt), models.Setting, ("Storage__AttemptTimeout", "00:00:02"), .. Impatient]);
        await batch.WaitAsync(account, Limit, Cancellation);

        (blobs.Faults + queues.Faults).ShouldBeGreaterThan(50);
        await batch.VerifyAsync(account, Cancellation);

        Uri EndpointOf(string name) =>
            new(connection.Split(';').First(part => part.StartsWith(name, StringComparison.Ordinal))[(name.Length + 1)..]);
    }

    [Fact]
    public async Task Workers_TwoOnOneQueue_LeaveOneRightResultForEachImage()
    {
        var (batch, account, settings) = await PrepareAsync();

        await using WorkerProcess one = WorkerProcess.Start(settings), other = WorkerProcess.Start(settings);
        await batch.WaitAsync(account, Limit, Cancellation);

        await batch.VerifyAsync(account, Cancellation);
    }

    [Fact]
    public async Task Worker_ToldToStopInTheMiddle_GivesBackWhatItHolds()
    {
        var (batch, account, settings) = await PrepareAsync();
        // What was not given back would come after the limit.
        settings = [.. settings, ("Queues__VisibilityTimeout", $"{2 * Limit}")];
        await using (WorkerProcess first = WorkerProcess.Start(settings))
        {
            await WaitForMoreAsync(account);
            first.Terminate();
            await first.WaitForExitAsync(Cancellation);
            first.ExitCode.ShouldBe(0);
        }

        await using WorkerProcess second = WorkerProcess.Start(settings);
        await batch.WaitAsync(account, Limit, Cancellation);
        await batch.VerifyAsync(account, Cancellation);
    }

    [Fact]
    public async Task Worker_ToldToStopWithABatchInTheModels_EndsWithNothingOnStandardError()
    {
        // By the shipped models, the batch takes longer than all that the worker has to stop.
        var (_, _, settings) = await PrepareAsync();
        (string, string)[] slow = [
            ("Models__Folder", ModelStore.Locate().Root), ("Worker__ShutdownTimeout", "00:00:01"), ("Recognition__BatchSize", "256"),
            ("Recognition__MaxImages", "400")];
        for (int stop = 0; stop < 3; stop++)
        {
            await using WorkerProcess worker = WorkerProcess.Start([.. settings, .. slow]);
            await worker.Address;
            // Images are fetched, and on their way through the models.
            await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
            worker.Terminate();
            await worker.WaitForExitAsync(Cancellation);

            worker.Errors.ShouldBe("");
            worker.ExitCode.ShouldBe(0);
        }
    }

    private async Task<(ProbeBatch Batch, StorageAccount Account, (string Name, string Value)[] Settings)> PrepareAsync(int images = Images)
    {
        StorageOptions options = await azurite.NewOptionsAsync();
        var (batch, account) = await QueueAsync(options, images);
        return (batch, account, [(ConnectionString, options.ConnectionString!), models.Setting]);
    }

    private async Task<(ProbeBatch Batch, StorageAccount Account)> QueueAsync(StorageOptions options, int images = Images)
    {
        var account = new StorageAccount(options);
        await account.CreateAllAsync(Cancellation);
        ProbeBatch batch = (await models.Probes).First(images);
        await batch.QueueAsync(account, ImagesPerMessage, Cancellation);
        return (batch, account);
    }

    private static Task WaitForMoreAsync(StorageAccount account) =>
        WaitForMoreAsync(cancellation => ProbeBatch.CountMessagesAsync(account, cancellation));

    // Until one more message is done, or all are.
    private static async Task WaitForMoreAsync(Func<CancellationToken, Task<int>> countMessages)
    {
        using var limit = new CancellationTokenSource(Limit);
        int before = await countMessages(limit.Token);
        while (before > 0 && await countMessages(limit.Token) >= before)
            await Task.Delay(Look, limit.Token);
    }
}
