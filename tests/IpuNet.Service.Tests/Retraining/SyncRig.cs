using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Galleries;
using IpuNet.Service.Retraining;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Tests.Retraining;

/// <summary>A container of training images, and a folder that they are downloaded into. Both are removed after the test.</summary>
internal sealed class SyncRig(StorageAccount account) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ipunet-training-");

    public string Folder => _folder.FullName;

    public TrainingImageLimits Limits { get; set; } = new();

    /// <summary>The last progress that the last download reported.</summary>
    public TrainingSync Progress { get; private set; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<SyncRig> CreateAsync(AzuriteFixture azurite, params string[] blobs)
    {
        var rig = new SyncRig(await azurite.NewAccountAsync());
        foreach (string blob in blobs)
            await rig.UploadAsync(blob, ContentOf(blob));
        return rig;
    }

    public static byte[] ContentOf(string blob) => System.Text.Encoding.UTF8.GetBytes($"content of {blob}");

    public RetrainingPages Pages { get; } = new(account, TimeProvider.System);

    public BlobClient Blob(string name) => account.Container(StorageNames.Training).GetBlobClient(name);

    public async Task<string> PageAsync(string job) =>
        (
            await account.Container(StorageNames.Results).GetBlobClient(StorageNames.RetrainingReport(
                job)).DownloadContentAsync(Cancellation)).Value.Content.ToString();

    public Task UploadAsync(string blob, byte[] content) =>
        Blob(blob).UploadAsync(BinaryData.FromBytes(content), overwrite: true, Cancellation);

    /// <summary>Makes storage state that the content's MD5 is zero.</summary>
    public Task SpoilChecksumAsync(string blob) =>
        Blob(blob).SetHttpHeadersAsync(new BlobHttpHeaders { ContentHash = new byte[16] }, cancellationToken: Cancellation);

    public Task DeleteAsync(string blob) => Blob(blob).DeleteAsync(cancellationToken: Cancellation);

    public Task<TrainingImageSet> SyncAsync(DateTimeOffset? until = null) =>
        new TrainingImages(
            account, Limits, TimeProvider.System).SyncAsync(Folder, until ?? DateTimeOffset.MaxValue, new Last(this), Cancellation);

    /// <summary>All files in the folder, except the lock.</summary>
    public IReadOnlyList<string> Files() =>
        [
            .. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories)
                .Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)),
        ];

    public void Dispose() => _folder.Delete(recursive: true);

    private sealed class Last(SyncRig rig) : IProgress<TrainingSync>
    {
        public void Report(TrainingSync value) => rig.Progress = value;
    }
}
