using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Service.Intake;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Recognition;

/// <summary>
/// Counts how often an image was begun that is suspected of ending the worker, in blobs, for they are what is left when a process is gone.
/// </summary>
internal sealed class TrialMarkers(StorageAccount account)
{
    /// <summary>Notes that an image is begun.</summary>
    /// <returns>For which time, from 1.</returns>
    public async Task<int> BeginAsync(UploadName upload, CancellationToken cancellation)
    {
        BlobClient marker = MarkerOf(upload);
        while (true)
        {
            BlobDownloadResult? former = await marker.TryReadAsync(cancellation).ConfigureAwait(false);
            int trial = former is not null && int.TryParse(former.Content.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int trials) ? trials + 1 : 1;
            byte[] text = Encoding.ASCII.GetBytes(trial.ToString(CultureInfo.InvariantCulture));
            if (await marker.TryReplaceAsync(text, "text/plain", metadata: null, former?.Details.ETag, cancellation).ConfigureAwait(false) is not null)
                return trial;
        }
    }

    /// <summary>Forgets the image: it has its result.</summary>
    public Task EndAsync(UploadName upload, CancellationToken cancellation) => MarkerOf(upload).DeleteIfExistsAsync(cancellationToken: cancellation);

    private BlobClient MarkerOf(UploadName upload) => account.Container(StorageNames.Results)
        .GetBlobClient($"{upload.Batch}/trials/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(upload.File)))}");
}
