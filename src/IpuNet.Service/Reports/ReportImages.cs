using System.Runtime.CompilerServices;
using Azure;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;
using IpuNet.Service.Storage;
using Microsoft.Extensions.Caching.Memory;

namespace IpuNet.Service.Reports;

/// <summary>
/// Loads the images for reports. A growing batch is reported again and again, so recent images are kept in memory.
/// </summary>
internal sealed class ReportImages(StorageAccount account) : IDisposable
{
    private const long CacheBytes = 64L << 20, MostRemembered = 256 << 10;
    private const int Parallelism = 8;
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = CacheBytes });

    /// <summary>Loads the images of results, in their order.</summary>
    public async Task<IReadOnlyList<ReportedImage>> LoadAsync(
        string batch, IReadOnlyList<BatchEntry> entries, CancellationToken cancellation)
    {
        var images = new ReportedImage[entries.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellation };
        await Parallel.ForAsync(
            0, entries.Count, options, async (i, stop) => images[i] = await GetAsync(batch, entries[i], stop).ConfigureAwait(false))
            .ConfigureAwait(false);
        return images;
    }

    /// <summary>
    /// Keeps the parts of a result that was just written, so that the report need not download them. Skips large results, and batches for
    /// which a report's number of images is kept already.
    /// </summary>
    /// <param name="upload">The upload.</param>
    /// <param name="version">The ETag of the result.</param>
    /// <param name="answer">The result.</param>
    /// <param name="read">Gives the bytes of the upload, or throws.</param>
    /// <param name="pictures">The file of each face's super-resolved picture; null if there is none.</param>
    public void Remember(UploadName upload, ETag version, ImageAnswer answer, Func<byte[]> read, IReadOnlyList<byte[]?> pictures)
    {
        StrongBox<int> noted = _cache.GetOrCreate(upload.Batch, entry =>
        {
            (entry.Size, entry.SlidingExpiration) = (1, KeptFor);
            return new StrongBox<int>();
        })!;
        if (Interlocked.Increment(ref noted.Value) > BatchReport.MaxFaces)
            return;
        var files = new ReportFiles(
            new StoredResult(answer.Reason, answer.Faces, []),
            answer.Faces.Count > 0 ? read() : null,
            [.. pictures.Select(picture => picture is null ? (ReadOnlyMemory<byte>?)null : picture)]);
        if (files.Size <= MostRemembered)
            _cache.Set(
                KeyOf(upload.Batch, upload.File, version), files,
                new MemoryCacheEntryOptions { Size = files.Size, SlidingExpiration = KeptFor });
    }

    public void Dispose() => _cache.Dispose();

    private async Task<ReportedImage> GetAsync(string batch, BatchEntry entry, CancellationToken cancellation)
    {
        var key = KeyOf(batch, entry.File, entry.ETag);
        if (_cache.TryGetValue(key, out object? known) && known is ReportedImage shown)
            return shown;
        ReportFiles files = known as ReportFiles ?? await LoadAsync(batch, entry, cancellation).ConfigureAwait(false);
        ReportedImage image = await ShowAsync(entry, files, cancellation).ConfigureAwait(false);
        return _cache.Set(key, image, new MemoryCacheEntryOptions { Size = image.Size, SlidingExpiration = KeptFor });
    }

    private async Task<ReportFiles> LoadAsync(string batch, BatchEntry entry, CancellationToken cancellation)
    {
        string name = StorageNames.Result(batch, entry.File);
        ReadOnlyMemory<byte>? json = await ReadAsync(StorageNames.Results, name, cancellation).ConfigureAwait(false);
        StoredResult result = json is null ? new("its result no longer exists", [], []) : StoredResult.FromJson(json.Value, name);
        if (result.Faces.Count == 0)
            return new ReportFiles(result, null, []);

        ReadOnlyMemory<byte>? upload = await ReadAsync(StorageNames.Uploads, $"{batch}/{entry.File}", cancellation).ConfigureAwait(false);
        var pictures = new ReadOnlyMemory<byte>?[result.Faces.Count];
        for (int i = 0; i < pictures.Length; i++)
        {
            if (result.Faces[i].Enhanced)
                pictures[i] = await ReadAsync(
                    StorageNames.Results, StorageNames.FacePicture(batch, entry.File, i), cancellation).ConfigureAwait(false);
        }

        return new ReportFiles(result, upload, pictures);
    }

    private static Task<ReportedImage> ShowAsync(BatchEntry entry, ReportFiles files, CancellationToken cancellation)
    {
        long bytes = files.Result.Faces.Count == 0 ? 0 : DecodedBytes(files.Upload, entry.File);
        return DecodedMemory.UseAsync(
            bytes,
            () =>
            {
                RgbImage? upload = bytes == 0 ? null : Decode(files.Upload, entry.File);
                return new ReportedImage(entry, files.Result, [
                    .. files.Result.Faces.Select((face, i) => new ReportedFace(
                        face, Probe(upload, face, entry), Enhanced(Decode(files.Pictures[i], entry.File), entry))),
                ]);
            },
            cancellation);
    }

    private static ReportPicture? Probe(RgbImage? upload, FaceAnswer face, BatchEntry entry) =>
        upload is null ? null : ProbePicture.Of(upload, face.Box, $"The face in {entry.File}");

    private static ReportPicture? Enhanced(RgbImage? picture, BatchEntry entry) =>
        picture is null ? null : ProbePicture.Encode(picture, $"The super-resolved face of {entry.File}", "Super-resolved");

    // A picture that cannot be decoded is left out: the report describes a batch and does not check it.
    private static RgbImage? Decode(ReadOnlyMemory<byte>? file, string name) => IfUsable(file, bytes => ImageDecoder.Decode(bytes, name));

    private static long DecodedBytes(ReadOnlyMemory<byte>? file, string name) =>
        IfUsable(file, bytes => ImageDecoder.DecodedBytes(bytes, name));

    private static T? IfUsable<T>(ReadOnlyMemory<byte>? file, Func<ReadOnlySpan<byte>, T> read)
    {
        try
        {
            return file is null ? default : read(file.Value.Span);
        }
        catch (FaceDataException)
        {
            return default;
        }
    }

    // ETags in listings have no quotation marks, ETags in headers do.
    private static (string Batch, string File, string Version) KeyOf(string batch, string file, ETag version) =>
        (batch, file, version.ToString().Trim('"'));

    private async Task<ReadOnlyMemory<byte>?> ReadAsync(string container, string name, CancellationToken cancellation) =>
        (await account.Container(container).GetBlobClient(name).TryReadAsync(cancellation).ConfigureAwait(false))?.Content.ToMemory();

    /// <param name="Result">The result.</param>
    /// <param name="Upload">The upload's file; null if it does not exist or is not needed.</param>
    /// <param name="Pictures">The file of each face's super-resolved picture; null if there is none.</param>
    private sealed record ReportFiles(StoredResult Result, ReadOnlyMemory<byte>? Upload, IReadOnlyList<ReadOnlyMemory<byte>?> Pictures)
    {
        public long Size => 2048 + (Upload?.Length ?? 0) + Pictures.Sum(picture => 1024L + (picture?.Length ?? 0));
    }
}

/// <summary>Cuts faces out of uploads for display, with a margin, and small enough for a report with hundreds of faces.</summary>
internal static class ProbePicture
{
    // The margin on every side, as a share of the face's longer side.
    private const float Margin = 0.2f;

    private const int LargestSide = 192;

    // In smaller pictures, JPEG blocks would be visible.
    private const int SmallestJpegSide = 48;

    private const int JpegQuality = 85;

    public static ReportPicture Of(RgbImage image, FaceBox box, string description)
    {
        RgbImage probe = Fit(Cut(image, box));
        return Encode(probe, description, "Probe") with { IsPixelated = probe.Height < SmallestJpegSide };
    }

    public static ReportPicture Encode(RgbImage picture, string description, string caption) =>
        Math.Min(picture.Width, picture.Height) < SmallestJpegSide
            ? new ReportPicture(ImageEncoder.EncodePng(picture), "image/png", description, Mark: null, caption)
            : new ReportPicture(ImageEncoder.EncodeJpeg(picture, JpegQuality), "image/jpeg", description, Mark: null, caption);

    private static RgbImage Cut(RgbImage image, FaceBox box)
    {
        FaceBox whole = new(0, 0, image.Width, image.Height);
        if (box == whole)
            return image;
        float side = Math.Max(box.Width, box.Height) * (1 + 2 * Margin);
        FaceBox cut = new FaceBox(
            box.X + (box.Width - side) / 2, box.Y + (box.Height - side) / 2, side, side).ClipTo(image.Width, image.Height);
        int left = (int)cut.X, top = (int)cut.Y, right = (int)MathF.Ceiling(cut.Right), bottom = (int)MathF.Ceiling(cut.Bottom);
        // A box outside the image belongs to the result of an earlier upload of this name.
        return right > left && bottom > top ? image.Crop(left, top, right - left, bottom - top) : image;
    }

    private static RgbImage Fit(RgbImage picture)
    {
        int longer = Math.Max(picture.Width, picture.Height);
        return longer <= LargestSide
            ? picture
            : Resampler.Resize(
                picture, Math.Max(1, picture.Width * LargestSide / longer), Math.Max(1, picture.Height * LargestSide / longer));
    }
}
