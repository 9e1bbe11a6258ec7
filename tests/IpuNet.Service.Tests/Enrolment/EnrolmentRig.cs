using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Enrolment;
using IpuNet.Service.Galleries;
using IpuNet.Service.Models;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using IpuNet.Service.Tests.Queues;
using Microsoft.Extensions.Logging.Abstractions;

namespace IpuNet.Service.Tests.Enrolment;

/// <summary>An account, and workers that enrol.</summary>
internal sealed class EnrolmentRig(StorageAccount account, PipelineModels models)
{
    public const string Gallery = "staff";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public StorageAccount Account => account;

    public EnrolmentOptions Options { get; } = new();

    public PoisonLog Poison { get; } = new(account);

    public ModelSwitch? Switch { get; init; }

    public ServingModels Serving { get; init; } = ServingModels.Of(models);

    /// <summary>A crop with a made-up face: a pattern as sharp as a face, different for each person.</summary>
    public static byte[] Face(int person, int side = 96)
    {
        var coarse = new RgbImage(16, 16);
        new Random(person).NextBytes(coarse.Pixels);
        return ImageEncoder.EncodePng(Resampler.Resize(coarse, side, side, ResampleFilter.Bicubic));
    }

    /// <summary>Uploads an image for a job.</summary>
    /// <returns>The image as messages name it.</returns>
    public Task<string> UploadAsync(string job, string file, byte[] data) =>
        PutAsync(StorageNames.Uploads, $"enrolments/{job}/{file}", data);

    public async Task<string> PutAsync(string container, string blob, byte[] data)
    {
        await account.Container(container).GetBlobClient(blob).UploadAsync(BinaryData.FromBytes(data), overwrite: true, Cancellation);
        return $"{container}/{blob}";
    }

    public Task SendAsync(string job, EnrolmentAction action, string subject, params IReadOnlyList<string> images) =>
        Queue().SendAsync(
            new EnrolmentMessage { JobId = job, Gallery = Gallery, SubjectId = subject, Action = action, Images = images }, Cancellation);

    public Task SendReembeddingAsync(string job, bool leaveBehind = false) =>
        Queue().SendAsync(
            new EnrolmentMessage { JobId = job, Gallery = Gallery, Action = EnrolmentAction.Reembed, LeaveBehind = leaveBehind },
            Cancellation);

    public Task SendTextAsync(string text) =>
        account.Queue(StorageNames.Enrolments).SendMessageAsync(WireMessage.Encode(System.Text.Encoding.UTF8.GetBytes(text)), Cancellation);

    /// <summary>Runs workers until the queues are empty, then stops them.</summary>
    public Task RunAsync(int workers = 1) =>
        ConsumerRun.UntilEmptyAsync(
            account, [StorageNames.Enrolments, StorageNames.CheckedEnrolments], [.. Enumerable.Range(0, workers).Select(_ => Consumer())]);

    /// <summary>Runs workers until the queues are empty except for a hidden message that was forwarded, then stops them.</summary>
    public Task RunCheckedAsync() => ConsumerRun.UntilEmptyAsync(account, [StorageNames.CheckedEnrolments], Consumer());

    public EnrolmentConsumer Consumer() => new(
        Queue(), Queue(StorageNames.CheckedEnrolments), account, Serving, new GalleryCache(account, TimeProvider.System),
        Microsoft.Extensions.Options.Options.Create(Options), TimeProvider.System,
        NullLogger<EnrolmentConsumer>.Instance, Switch);

    /// <summary>
    /// Handles the next message but leaves it in the queue, as a worker that dies just before the last step.
    /// </summary>
    public async Task RunWithoutEndAsync() => await HandleAsync(await ReturnedAsync(), account);

    /// <summary>Starts to handle the next message, as a worker that is killed after a number of requests to storage.</summary>
    /// <returns>False if the work ended before.</returns>
    public async Task<bool> RunUntilKilledAsync(StorageOptions options, int requests)
    {
        var kill = new KilledAfter(requests);
        await HandleAsync(await ReturnedAsync(), new StorageAccount(options, null, kill));
        return kill.HasHappened;
    }

    // The message, which is in the queue again: the handler cannot remove it.
    private async Task<LeasedMessage> ReturnedAsync()
    {
        LeasedMessage message = await Queue().ReadOneAsync();
        await message.ReturnAsync(TimeSpan.Zero, Cancellation);
        return message;
    }

    private async Task HandleAsync(LeasedMessage message, StorageAccount account)
    {
        var handler = new EnrolmentHandler(account, Serving, new GalleryCache(account, TimeProvider.System),
            new ReembeddingJobs(account, Serving, null, Queue(), Options, TimeProvider.System), Options, TimeProvider.System,
            NullLogger.Instance);
        await handler.HandleAsync(message, Cancellation);
    }

    /// <summary>Enrols a subject from pictures, and waits for the answer.</summary>
    public async Task<EnrolmentAnswer> EnrolAsync(string job, string subject, EnrolmentAction action, params byte[][] pictures)
    {
        await SendAsync(job, subject, action, pictures);
        await RunAsync();
        return await AnswerAsync(job);
    }

    /// <summary>Uploads pictures and sends a job with them.</summary>
    public async Task SendAsync(string job, string subject, EnrolmentAction action, params byte[][] pictures)
    {
        List<string> images = [];
        foreach (byte[] picture in pictures)
            images.Add(await UploadAsync(job, $"{images.Count + 1:00}.png", picture));
        await SendAsync(job, action, subject, images);
    }

    public async Task<EnrolmentAnswer> AnswerAsync(string job)
    {
        string name = StorageNames.EnrolmentAnswer(job);
        return EnrolmentAnswer.FromJson(
            (await account.Container(StorageNames.Results).GetBlobClient(name).DownloadContentAsync(Cancellation)).Value.Content, name);
    }

    public Task<SubjectRecord?> FindAsync(string subject) =>
        new BlobGallery(account, Gallery, TimeProvider.System).FindAsync(subject, Cancellation);

    public async Task<List<PoisonEntry>> PoisonedAsync() => await Poison.ListAsync(Cancellation).ToListAsync(Cancellation);

    /// <summary>The names of all blobs of a container.</summary>
    public async Task<IReadOnlyList<string>> BlobsAsync(string container) =>
        await account.Container(container).GetBlobsAsync(
            cancellationToken: Cancellation).Select(blob => blob.Name).ToArrayAsync(Cancellation);

    /// <summary>Handles each message as the Functions host does.</summary>
    public EnrolmentIntake Intake() => new(account, Queue(StorageNames.CheckedEnrolments), Poison, TimeProvider.System);

    private JobQueue Queue(string name = StorageNames.Enrolments) => new(
        account, name, Poison,
        Microsoft.Extensions.Options.Options.Create(new QueueOptions { LongestPoll = TimeSpan.FromMilliseconds(200) }),
        TimeProvider.System);
}
