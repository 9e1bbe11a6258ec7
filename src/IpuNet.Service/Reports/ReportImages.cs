using Azure.Storage.Blobs.Models;
using IpuNet.Faces;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace IpuNet.Service.Reports;

/// <summary>
/// Gets what a report shows of images. A batch that grows is reported again and again: what was shown lately is not fetched again.
/// </summary>
internal sealed class ReportImages(StorageAccount account) : IDisposable
{
    private const long CacheBytes = 64L << 20;
    private const int Parallelism = 8;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = CacheBytes });

    /// <summary>The images of some results, in their order.</summary>
    public async Task<IReadOnlyList<ReportedImage>> LoadAsync(string batch, IReadOnlyList<BatchEntry> entries, CancellationToken cancellation)
    {
        var images = new ReportedImage[entries.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellation };
        await Parallel.ForAsync(0, entries.Count, options, async (i, stop) => images[i] = await GetAsync(batch, entries[i], stop).ConfigureAwait(false))
            .ConfigureAwait(false);
        return images;
    }

    public void Dispose() => _cache.Dispose();

    private async Task<ReportedImage> GetAsync(string batch, BatchEntry entry, CancellationToken cancellation)
    {
        var key = (batch, entry.File, entry.ETag);
        if (_cache.TryGetValue(key, out ReportedImage? known))
            return known!;
        ReportedImage image = await LoadAsync(batch, entry, cancellation).ConfigureAwait(false);
        return _cache.Set(key, image, new MemoryCacheEntryOptions { Size = image.Size, SlidingExpiration = KeptFor });
    }

    private async Task<ReportedImage> LoadAsync(string batch, BatchEntry entry, CancellationToken cancellation)
    {
        string name = StorageNames.Result(batch, entry.File);
        BlobDownloadResult? json = await ReadAsync(StorageNames.Results, name, cancellation).ConfigureAwait(false);
        StoredResult result = json is null ? new("its result is gone", [], []) : StoredResult.FromJson(json.Content.ToMemory(), name);
        if (result.Faces.Count == 0)
            return new ReportedImage(entry, result, []);

        RgbImage? upload = await ImageAsync(StorageNames.Uploads, $"{batch}/{entry.File}", cancellation).ConfigureAwait(false);
        var faces = new List<ReportedFace>();
        for (int i = 0; i < result.Faces.Count; i++)
        {
            FaceAnswer face = result.Faces[i];
            RgbImage? picture = face.Enhanced
                ? await ImageAsync(StorageNames.Results, StorageNames.FacePicture(batch, entry.File, i), cancellation).ConfigureAwait(false)
                : null;
            faces.Add(new ReportedFace(face, Probe(upload, face, entry), Enhanced(picture, entry)));
        }

        return new ReportedImage(entry, result, faces);
    }

    private static ReportPicture? Probe(RgbImage? upload, FaceAnswer face, BatchEntry entry) =>
        upload is null ? null : ProbePicture.Of(upload, face.Box, $"The face in {entry.File}");

    private static ReportPicture? Enhanced(RgbImage? picture, BatchEntry entry) =>
        picture is null ? null : ProbePicture.Encode(picture, $"The super-resolved face of {entry.File}", "Super-resolved");

    // What cannot be shown is left out: the report tells about a batch, and is no second check of it.
    private async Task<RgbImage?> ImageAsync(string container, string name, CancellationToken cancellation)
    {
        BlobDownloadResult? file = await ReadAsync(container, name, cancellation).ConfigureAwait(false);
        try
        {
            return file is null ? null : ImageDecoder.Decode(file.Content.ToMemory().Span, name);
        }
        catch (FaceDataException)
        {
            return null;
        }
    }

    private Task<BlobDownloadResult?> ReadAsync(string container, string name, CancellationToken cancellation) =>
        account.Container(container).GetBlobClient(name).TryReadAsync(cancellation);
}
