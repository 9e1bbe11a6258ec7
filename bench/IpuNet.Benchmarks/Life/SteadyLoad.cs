using System.Collections.Concurrent;
using System.Globalization;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Service.Storage;
using IpuNet.Training.Data;

namespace IpuNet.Benchmarks.Life;

/// <summary>Uploads small crops of faces at a steady rate until it is stopped.</summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    /// <summary>Upper limit of a crop's side, pixels.</summary>
    public const int LargestSide = 32;

    private const int BatchImages = 1000;
    private static readonly int[] Sides = [10, 14, 16, 20, 24];
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stop = new();
    private readonly StorageAccount _account;
    private readonly string _batch;
    private readonly byte[][] _crops;
    private readonly ConcurrentQueue<string> _names = new();
    private readonly Task _uploading;

    private SteadyLoad(StorageAccount account, string batch, byte[][] crops, double rate)
    {
        (_account, _batch, _crops) = (account, batch, crops);
        _uploading = Task.Run(() => UploadAsync(TimeSpan.FromSeconds(1 / rate)));
    }

    /// <summary>The uploads so far as {batch}/{file}, in order.</summary>
    public IReadOnlyList<string> Names => [.. _names];

    /// <summary>Crops of faces in several sizes, as PNG files.</summary>
    public static byte[][] CropsOf(IReadOnlyList<TrainingFace> faces) =>
        [.. faces.Select((face, i) => CropOf(face, Sides[i % Sides.Length]))];

    /// <summary>Starts the uploads.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="batch">Beginning of the names of the batches.</param>
    /// <param name="crops">The crops. They are uploaded in turn.</param>
    /// <param name="rate">Number of uploads in a second.</param>
    public static SteadyLoad Start(StorageAccount account, string batch, byte[][] crops, double rate) => new(account, batch, crops, rate);

    /// <summary>The crop that was uploaded under a name.</summary>
    public byte[] CropOf(string name) =>
        _crops[int.Parse(Path.GetFileNameWithoutExtension(name), CultureInfo.InvariantCulture) % _crops.Length];

    /// <summary>Waits until results name an enhancer.</summary>
    /// <returns>False if no result did in time.</returns>
    public async Task<bool> TryAwaitAsync(string enhancer, TimeSpan limit, CancellationToken cancellation)
    {
        DateTime end = DateTime.UtcNow + limit;
        while (DateTime.UtcNow < end)
        {
            await Task.Delay(PollInterval, cancellation);
            if (_uploading.IsFaulted)
                await _uploading;
            // The newest uploads have no result yet. Steps back of doubled length find a recent result with few requests.
            IReadOnlyList<string> names = Names;
            for (int back = 1; back <= names.Count; back *= 2)
            {
                if (await ResultAsync(names[^back], cancellation) is not { } result)
                    continue;
                if (result.Models?.Enhancer == enhancer)
                    return true;
                break;
            }
        }

        return false;
    }

    /// <summary>Ends the uploads.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _uploading;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _uploading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private static byte[] CropOf(TrainingFace face, int side) => ImageEncoder.EncodePng(Resampler.Resize(face.Load(), side, side));

    private async Task<ImageAnswer?> ResultAsync(string name, CancellationToken cancellation)
    {
        BlobClient blob = _account.Container(StorageNames.Results).GetBlobClient($"{name}.json");
        return await blob.ExistsAsync(cancellation)
            ? ImageAnswer.FromJson((await blob.DownloadContentAsync(cancellation)).Value.Content, name)
            : null;
    }

    // Returns false if storage does not answer. After the stop, that is an error.
    private async Task<bool> TryUploadAsync(BlobClient blob, byte[] crop, BlobUploadOptions options)
    {
        try
        {
            await blob.UploadAsync(BinaryData.FromBytes(crop), options, CancellationToken.None);
            return true;
        }
        catch (Exception error) when (StorageCheck.IsUnavailable(error) && !_stop.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task UploadAsync(TimeSpan pause)
    {
        var request = new UploadRequest(UploadRequest.DefaultGallery, FaceDetectionMode.Crop);
        var options = new BlobUploadOptions { Metadata = request.ToMetadata() };
        BlobContainerClient uploads = _account.Container(StorageNames.Uploads);
        using var timer = new PeriodicTimer(pause);
        for (int i = 0; !_stop.IsCancellationRequested; i++)
        {
            string name = $"{_batch}-{i / BatchImages:000}/{i:000000}.png";
            // A started upload is always finished, so that Names is complete.
            while (!await TryUploadAsync(uploads.GetBlobClient(name), _crops[i % _crops.Length], options))
                await Task.Delay(PollInterval, CancellationToken.None);
            _names.Enqueue(name);
            await ((Task)timer.WaitForNextTickAsync(_stop.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
