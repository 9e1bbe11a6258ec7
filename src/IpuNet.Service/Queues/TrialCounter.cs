using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Contract;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Queues;

/// <summary>
/// Counts the trials: the attempts at work that is suspected of ending its worker. The counts are in blobs, because blobs survive the
/// process.
/// </summary>
internal sealed class TrialCounter(StorageAccount account)
{
    /// <summary>The maximum number of trials.</summary>
    public const int MaxTrials = 2;

    /// <summary>Records the start of a trial.</summary>
    /// <param name="folder">The folder in the results: a batch, or the folder of enrolments.</param>
    /// <param name="name">The name of the work in this folder.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>The number of this trial, from 1.</returns>
    public async Task<int> BeginAsync(string folder, string name, CancellationToken cancellation)
    {
        BlobClient marker = MarkerOf(folder, name);
        while (true)
        {
            BlobDownloadResult? former = await marker.TryReadAsync(cancellation).ConfigureAwait(false);
            int trial = former is not null && int.TryParse(
                former.Content.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int trials) ? trials + 1 : 1;
            byte[] text = Encoding.ASCII.GetBytes(trial.ToString(CultureInfo.InvariantCulture));
            if (await marker.TryReplaceAsync(text, "text/plain", metadata: null, former?.Details.ETag, cancellation).ConfigureAwait(false)
                is not null)
                return trial;
        }
    }

    /// <summary>Deletes the count, because the work has its result.</summary>
    public Task EndAsync(string folder, string name, CancellationToken cancellation) =>
        MarkerOf(folder, name).DeleteIfExistsAsync(cancellationToken: cancellation);

    private BlobClient MarkerOf(string folder, string name) => account.Container(StorageNames.Results)
        .GetBlobClient($"{folder}/trials/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))}");
}
