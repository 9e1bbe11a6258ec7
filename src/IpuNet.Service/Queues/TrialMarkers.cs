using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Queues;

/// <summary>
/// Counts how often work was begun that is suspected of ending the worker, in blobs, for they are what is left when a process is gone.
/// </summary>
internal sealed class TrialMarkers(StorageAccount account)
{
    /// <summary>How often such work is begun; after that it is left alone.</summary>
    public const int MaxTrials = 2;

    /// <summary>Notes that something is begun.</summary>
    /// <param name="folder">Its folder in the results: a batch, or that of the enrolments.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>For which time, from 1.</returns>
    public async Task<int> BeginAsync(string folder, string name, CancellationToken cancellation)
    {
        BlobClient marker = MarkerOf(folder, name);
        while (true)
        {
            BlobDownloadResult? former = await marker.TryReadAsync(cancellation).ConfigureAwait(false);
            int trial = former is not null && int.TryParse(former.Content.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int trials) ? trials + 1 : 1;
            byte[] text = Encoding.ASCII.GetBytes(trial.ToString(CultureInfo.InvariantCulture));
            if (await marker.TryReplaceAsync(text, "text/plain", metadata: null, former?.Details.ETag, cancellation).ConfigureAwait(false) is not null)
                return trial;
        }
    }

    /// <summary>Forgets it: it has its result.</summary>
    public Task EndAsync(string folder, string name, CancellationToken cancellation) => MarkerOf(folder, name).DeleteIfExistsAsync(cancellationToken: cancellation);

    private BlobClient MarkerOf(string folder, string name) => account.Container(StorageNames.Results)
        .GetBlobClient($"{folder}/trials/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))}");
}
