using Azure.Storage.Blobs.Models;
using Azure.Storage.Queues.Models;
using IpuNet.Contract;
using IpuNet.Service.Intake;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace IpuNet.Service.Tests.Intake;

/// <summary>An intake with small limits, in an account for one test.</summary>
internal sealed class IntakeHost(StorageAccount account)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public PoisonLog Poison { get; } = new(account);

    public async Task UploadAsync(string name, byte[] content, IDictionary<string, string>? metadata = null) =>
        await account.Container(StorageNames.Uploads).GetBlobClient(name).UploadAsync(
            new BinaryData(content), new BlobUploadOptions { Metadata = metadata }, Cancellation);

    public UploadIntake Intake { get; } = NewIntake(account, BadArchives.Limits);

    public static UploadIntake NewIntake(StorageAccount account, UploadLimits limits) => new(
        account,
        new JobQueue(account, StorageNames.FaceBatches, new PoisonLog(account), Options.Create(new QueueOptions()), TimeProvider.System),
        new PoisonLog(account),
        limits,
        TimeProvider.System,
        NullLogger<UploadIntake>.Instance);

    public Task HandleAsync(string name) => Intake.HandleAsync(name, Cancellation);

    public async Task<string> ResultAsync(string name) =>
        (await account.Container(StorageNames.Results).GetBlobClient($"{name}.json").DownloadContentAsync(Cancellation)).Value.Content
            .ToString();

    /// <summary>Takes the messages sent so far that name images.</summary>
    public async Task<IReadOnlyList<FaceBatchMessage>> SentAsync()
    {
        List<FaceBatchMessage> sent = [];
        while (true)
        {
            QueueMessage[] some = await account.Queue(StorageNames.FaceBatches).ReceiveMessagesAsync(32, cancellationToken: Cancellation);
            if (some.Length == 0)
                return [.. sent.Where(message => message.Images.Count > 0)];
            sent.AddRange(some.Select(message => JobSerializer.Read<FaceBatchMessage>(Convert.FromBase64String(message.Body.ToString()))));
        }
    }

    /// <summary>All blobs with their ETags.</summary>
    public async Task<IReadOnlyList<string>> BlobsAsync()
    {
        List<string> blobs = [];
        foreach (string container in StorageNames.Containers)
        {
            await foreach (BlobItem blob in account.Container(container).GetBlobsAsync(cancellationToken: Cancellation))
                blobs.Add($"{container}/{blob.Name} {blob.Properties.ETag}");
        }

        return blobs;
    }
}
