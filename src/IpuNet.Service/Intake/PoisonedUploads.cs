using System.Text;
using IpuNet.Contract;
using IpuNet.Service.Queues;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Intake;

/// <summary>The uploads that are in poison, alone or in a message. They get no result until somebody handles the poison.</summary>
public sealed class PoisonedUploads
{
    private const string ImageFolder = StorageNames.Uploads + "/";

    private readonly Dictionary<string, DateTimeOffset> _since = new(StringComparer.Ordinal);

    /// <summary>Reads the poison log.</summary>
    /// <param name="account">The storage account.</param>
    /// <param name="poison">The poison log.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public static async Task<PoisonedUploads> ReadAsync(StorageAccount account, PoisonLog poison, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(account);
        ArgumentNullException.ThrowIfNull(poison);
        var poisoned = new PoisonedUploads();
        try
        {
            await foreach (PoisonEntry entry in poison.ListAsync(cancellation).ConfigureAwait(false))
                await poisoned.AddAsync(entry, new LargeMessages(account), cancellation).ConfigureAwait(false);
        }
        catch (FaceDataException)
        {
            // An unreadable entry names no upload.
        }

        return poisoned;
    }

    /// <summary>Whether a version of an upload is in poison.</summary>
    /// <param name="upload">The upload's name within <see cref="StorageNames.Uploads"/>.</param>
    /// <param name="lastModified">When it was uploaded.</param>
    public bool Contains(string upload, DateTimeOffset? lastModified)
    {
        ArgumentNullException.ThrowIfNull(upload);
        return _since.TryGetValue(upload, out DateTimeOffset since) && lastModified <= since;
    }

    private async Task AddAsync(PoisonEntry entry, LargeMessages large, CancellationToken cancellation)
    {
        foreach (string upload in await UploadsOfAsync(entry, large, cancellation).ConfigureAwait(false))
        {
            if (!_since.TryGetValue(upload, out DateTimeOffset since) || since < entry.PoisonedOn)
                _since[upload] = entry.PoisonedOn;
        }
    }

    private static async Task<IEnumerable<string>> UploadsOfAsync(PoisonEntry entry, LargeMessages large, CancellationToken cancellation)
    {
        if (entry.Queue == StorageNames.Uploads)
            return [entry.Body];
        if (entry.Queue != StorageNames.FaceBatches)
            return [];
        try
        {
            byte[] json = await large.OpenAsync(Encoding.UTF8.GetBytes(entry.Body), cancellation).ConfigureAwait(false);
            return JobSerializer.Read<FaceBatchMessage>(json).Images
                .Where(image => image.StartsWith(ImageFolder, StringComparison.Ordinal)).Select(image => image[ImageFolder.Length..]);
        }
        catch (JobRefusedException)
        {
            return [];
        }
    }
}
