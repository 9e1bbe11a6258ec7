using Azure.Storage.Blobs;
using IpuNet.Contract;
using IpuNet.LocalCloud;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;

namespace IpuNet.Worker.Tests;

/// <summary>Uploads that storage lists, and whose content it has lost.</summary>
public sealed class UnreadableUploadTests(QuickModels models)
{
    private const string Lost = "lost", Gallery = ProbeBatch.Gallery;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2), Look = TimeSpan.FromMilliseconds(300);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Worker_WhereAnUploadHasNoContentAnyMore_PutsItIntoPoisonAndDoesAllElse(bool isCut)
    {
        await AzuriteFixture.Package.PathAsync();
        string path = Directory.CreateTempSubdirectory("ipunet-storage-").FullName;
        DataFolder folder = await DataFolder.TakeAsync(path, _ => { }, Cancellation);
        var settings = new AzuriteSettings { Accounts = [AzuriteAccount.New("unreadable")], Folder = folder };
        string contents = Path.Combine(path, "__blobstorage__");
        try
        {
            await using (AzuriteProcess first = await AzuriteProcess.StartAsync(settings, _ => { }, Cancellation))
            {
                await AccountOf(first).CreateAllAsync(Cancellation);
                await QueueLostAsync(AccountOf(first));
            }

            foreach (string file in Directory.GetFiles(contents))
            {
                if (isCut)
                    File.OpenWrite(file).SetLength(1);
                else
                    File.Delete(file);
            }

            await using AzuriteProcess second = await AzuriteProcess.StartAsync(settings, _ => { }, Cancellation);
            ProbeBatch batch = (await models.Probes).First(4);
            await batch.QueueAsync(AccountOf(second), imagesPerMessage: 2, Cancellation);
            await using WorkerProcess worker = WorkerProcess.Start(
                ("Storage__ConnectionString", second.ConnectionString), models.Setting, ("Storage__Retries", "1"),
                ("Storage__AttemptTimeout", "00:00:02"));
            await WaitAsync(AccountOf(second));
        }
        finally
        {
            folder.Dispose();
            Directory.Delete(path, recursive: true);
        }
    }

    private static StorageAccount AccountOf(AzuriteProcess storage) =>
        new(new StorageOptions { ConnectionString = storage.ConnectionString });

    private static async Task QueueLostAsync(StorageAccount account)
    {
        string upload = $"{Lost}/1.png", picture = $"{StorageNames.Enrolments}/{Lost}/1.png";
        foreach (string blob in (string[])[upload, picture])
            await account.Container(StorageNames.Uploads).GetBlobClient(blob).UploadAsync(new BinaryData(new byte[5000]), Cancellation);
        await SendAsync(StorageNames.FaceBatches, JobSerializer.Write(
            new FaceBatchMessage
            {
                BatchId = Lost,
                Gallery = Gallery,
                Faces = FaceDetectionMode.Crop,
                Images = [$"{StorageNames.Uploads}/{upload}"],
            }));
        await SendAsync(StorageNames.Enrolments, JobSerializer.Write(
            new EnrolmentMessage
            {
                JobId = Lost,
                Gallery = Gallery,
                SubjectId = Lost,
                Action = EnrolmentAction.Add,
                Images = [$"{StorageNames.Uploads}/{picture}"],
            }));

        async Task SendAsync(string queue, byte[] message) =>
            await account.Queue(queue).SendMessageAsync(Convert.ToBase64String(message), Cancellation);
    }

    private static async Task WaitAsync(StorageAccount account)
    {
        using var limit = new CancellationTokenSource(Limit);
        List<PoisonEntry> poison = [];
        while (poison.Count < 2)
        {
            await Task.Delay(Look, limit.Token);
            poison.Clear();
            await foreach (PoisonEntry entry in new PoisonLog(account).ListAsync(limit.Token))
                poison.Add(entry);
        }

        poison.ShouldAllBe(entry => entry.DequeueCount == 3 && entry.Reason.Contains("its content is lost", StringComparison.Ordinal));
        BlobClient answer = account.Container(StorageNames.Results).GetBlobClient(StorageNames.EnrolmentAnswer(Lost));
        (await answer.ExistsAsync(Cancellation)).Value.ShouldBeTrue();
        while (await ProbeBatch.CountResultsAsync(account, limit.Token) < 4)
            await Task.Delay(Look, limit.Token);
        foreach (string queue in (string[])[StorageNames.FaceBatches, StorageNames.Enrolments])
            (await account.CountMessagesAsync(queue, Cancellation)).ShouldBe(0);
    }
}
