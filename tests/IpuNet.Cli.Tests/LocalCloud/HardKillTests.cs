using System.IO.Compression;
using Azure;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Storage;

namespace IpuNet.Cli.Tests.LocalCloud;

/// <summary>Kills parts of the local cloud at any time: nothing that was acknowledged is lost, and each job has one answer.</summary>
public sealed class HardKillTests(TestModels models) : IAsyncDisposable
{
    private const string Batch = "killed", Subject = "ada";
    private const int ZipEvery = 5, EnrolEvery = 3, ZipImages = 4, LongestLifeMs = 1500;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200), Pause = TimeSpan.FromMilliseconds(50);

    // Held messages of a killed worker come back soon.
    private static readonly Dictionary<string, string?> Impatient =
        new() { ["Queues__VisibilityTimeout"] = "00:00:03", ["Queues__LongestPoll"] = "00:00:00.300" };

    private readonly TestFolder _folder = new();
    private readonly List<string> _images = [], _jobs = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => IpuNetProcess.RemoveHomeAsync(_folder);

    [Fact]
    public Task Up_KilledHardTenTimes_AnswersEachAcknowledgedUploadAndJobOnce() => KillAsync(times: 10, azuriteToo: false);

    [Fact]
    public Task Azurite_KilledHardThreeTimes_IsStartedAgainWithAllThatItAcknowledged() => KillAsync(times: 3, azuriteToo: true);

    [Fact(Explicit = true)]
    public Task Up_KilledHardAHundredTimes_AnswersEachAcknowledgedUploadAndJobOnce() => KillAsync(times: 100, azuriteToo: false);

    private async Task KillAsync(int times, bool azuriteToo)
    {
        await IpuNetProcess.MakeHomeAsync(_folder);
        int seed = Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        IpuNetProcess up = await StartAsync();
        try
        {
            await EnrolAsync(0);
            await WaitForAnswersAsync();
            using var enough = new CancellationTokenSource();
            Task load = LoadAsync(enough.Token);
            for (int kill = 0; kill < times; kill++)
            {
                await Task.Delay(random.Next(LongestLifeMs), Cancellation);
                if (azuriteToo)
                {
                    int acknowledged = _images.Count, azurite = IpuNetProcess.AzuriteOf(_folder["data"]);
                    IpuNetProcess.Signal("-KILL", azurite);
                    await up.ErrorLineAsync("(exit code 137). Restarting it ...", kill + 1);
                    while (_images.Count == acknowledged || IpuNetProcess.AzuriteOf(_folder["data"]) == azurite)
                    {
                        up.RequireRunning();
                        if (load.IsCompleted)
                            await load;
                        await Task.Delay(Look, Cancellation);
                    }

                    continue;
                }

                await up.KillAsync();
                await up.DisposeAsync();
                up = await StartAsync();
            }

            await enough.CancelAsync();
            await load;
            await WaitForAnswersAsync();
            await VerifyAsync();
            TestContext.Current.TestOutputHelper!.WriteLine($"{_images.Count} images, {_jobs.Count} enrolments");
        }
        finally
        {
            await up.DisposeAsync();
        }
    }

    private async Task<IpuNetProcess> StartAsync()
    {
        string[] arguments = ["up", "--data", _folder["data"], "--models", models.Root];
        IpuNetProcess up = IpuNetProcess.Start(arguments, new(Impatient) { ["XDG_DATA_HOME"] = _folder["home"] });
        await up.LineAsync("The local cloud runs at");
        return up;
    }

    // Uploads, archives and enrolments, each sent until storage says that it has it.
    private async Task LoadAsync(CancellationToken enough)
    {
        for (int i = 1; !enough.IsCancellationRequested; i++)
        {
            if (i % EnrolEvery == 0)
                await EnrolAsync(i);
            string name = $"{i:0000}.png";
            await UntilDoneAsync(account => UploadAsync(account, $"{Batch}/{name}", Picture(i)));
            _images.Add(name);
            if (i % ZipEvery == 0)
                await UploadZipAsync($"{i:0000}.zip", i);
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private async Task UploadZipAsync(string name, int first)
    {
        using var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            for (int i = 0; i < ZipImages; i++)
            {
                using Stream entry = zip.CreateEntry($"{i}.png").Open();
                entry.Write(Picture((100_000 * (i + 1)) + first));
            }
        }

        await UntilDoneAsync(account => UploadAsync(account, $"{Batch}/{name}", file.ToArray()));
        _images.AddRange(Enumerable.Range(0, ZipImages).Select(i => $"{name}/{i}.png").Append(name));
    }

    private async Task EnrolAsync(int i)
    {
        string job = $"job-{i}", blob = $"{StorageNames.Enrolments}/{job}/1.png";
        await UntilDoneAsync(account => UploadAsync(account, blob, Picture(i, size: 96)));
        var message = new EnrolmentMessage
        {
            JobId = job,
            Gallery = UploadRequest.DefaultGallery,
            SubjectId = $"{Subject}-{i}",
            Action = EnrolmentAction.Add,
            Images = [$"{StorageNames.Uploads}/{blob}"],
        };
        string text = Convert.ToBase64String(JobSerializer.Write(message));
        await UntilDoneAsync(account => account.Queue(StorageNames.Enrolments).SendMessageAsync(text, Cancellation));
        _jobs.Add(job);
    }

    private static byte[] Picture(int seed, int size = 24) => ImageEncoder.EncodePng(TestFolder.Pattern(seed, size));

    private static async Task UploadAsync(StorageAccount account, string blob, byte[] content)
    {
        var request = new UploadRequest(UploadRequest.DefaultGallery, FaceDetectionMode.Crop);
        await account.Container(StorageNames.Uploads).GetBlobClient(blob)
            .UploadAsync(new BinaryData(content), new BlobUploadOptions { Metadata = request.ToMetadata() }, Cancellation);
    }

    // The address and the key are others after each start.
    private async Task UntilDoneAsync(Func<StorageAccount, Task> send)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            try
            {
                await send(await AccountAsync());
                return;
            }
            catch (Exception error) when (error is RequestFailedException or IOException or AggregateException)
            {
                await Task.Delay(Look, limit.Token);
            }
        }
    }

    private async Task<StorageAccount> AccountAsync()
    {
        string address = await File.ReadAllTextAsync(_folder["home/ipunet/local-cloud"], Cancellation);
        return new StorageAccount(new StorageOptions { ConnectionString = address, Retries = 0 });
    }

    private async Task WaitForAnswersAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            StorageAccount account = await AccountAsync();
            var names = await ResultsAsync(account);
            string[] open = [.. Expected().Where(name => !names.Contains(name))];
            int waiting = await account.CountMessagesAsync(
                StorageNames.FaceBatches, Cancellation) + await account.CountMessagesAsync(StorageNames.Enrolments, Cancellation);
            if (open.Length == 0 && waiting == 0)
                return;
            (await account.CountMessagesAsync(StorageNames.FaceBatches + StorageNames.PoisonSuffix, Cancellation)).ShouldBe(0);
            limit.IsCancellationRequested.ShouldBeFalse($"no answer after {Limit.TotalMinutes} min: {string.Join(", ", open)}");
            await Task.Delay(Look, Cancellation);
        }
    }

    private IEnumerable<string> Expected() =>
        _images.Select(image => StorageNames.Result(Batch, image)).Concat(_jobs.Select(StorageNames.EnrolmentAnswer));

    private async Task VerifyAsync()
    {
        StorageAccount account = await AccountAsync();
        var answers = (await ResultsAsync(account)).Where(name => name.EndsWith(".json", StringComparison.Ordinal));
        answers.Except(Expected().Append(StorageNames.Summary(Batch))).ShouldBeEmpty();
        foreach (string queue in StorageNames.Queues)
            (await account.CountMessagesAsync(queue + StorageNames.PoisonSuffix, Cancellation)).ShouldBe(0, queue);
        foreach (string job in _jobs)
        {
            string name = StorageNames.Subject(UploadRequest.DefaultGallery, job.Replace("job", Subject, StringComparison.Ordinal));
            BlobDownloadResult record = await account.Container(
                StorageNames.Galleries).GetBlobClient(name).DownloadContentAsync(Cancellation);
            SubjectRecord.FromJson(record.Content.ToMemory().Span, name).Embeddings.ShouldHaveSingleItem();
        }
    }

    private static async Task<HashSet<string>> ResultsAsync(StorageAccount account)
    {
        HashSet<string> names = [];
        await foreach (BlobItem blob in account.Container(StorageNames.Results).GetBlobsAsync(new GetBlobsOptions(), Cancellation))
            names.Add(blob.Name);
        return names;
    }
}
