using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using IpuNet.Contract;
using IpuNet.Faces.Files;

namespace IpuNet.Service.Retraining;

/// <summary>A training image on this machine.</summary>
/// <param name="Blob">The blob's name in storage.</param>
/// <param name="ETag">The ETag of the blob.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hexadecimal.</param>
/// <param name="Length">The size of the file, in bytes.</param>
internal sealed record IndexedImage(string Blob, string ETag, string Sha256, long Length);

/// <summary>
/// The index of the training images on this machine: one image per line, and a last line with their number. It is written to another file
/// and then renamed. If it cannot be read, all images are downloaded again. A file is checked against it before use.
/// </summary>
internal sealed class TrainingImageIndex
{
    private readonly string _path;
    private readonly Dictionary<string, IndexedImage> _images = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    private TrainingImageIndex(string path) => _path = path;

    /// <summary>Reads the index. Returns an empty one if there is no readable index.</summary>
    public static async Task<TrainingImageIndex> ReadAsync(string path, CancellationToken cancellation)
    {
        var index = new TrainingImageIndex(path);
        if (File.Exists(path) && !await index.TryReadAsync(cancellation).ConfigureAwait(false))
            index._images.Clear();
        return index;
    }

    public int Count
    {
        get
        {
            lock (_lock)
                return _images.Count;
        }
    }

    /// <summary>Finds this version of a blob; null if it is not in the index.</summary>
    public IndexedImage? Find(ListedImage image)
    {
        lock (_lock)
            return _images.TryGetValue(image.Blob, out IndexedImage? found) && found.ETag == image.Version
                && found.Length == image.Length ? found : null;
    }

    public void Set(IndexedImage image)
    {
        lock (_lock)
            _images[image.Blob] = image;
    }

    public void Remove(string blob)
    {
        lock (_lock)
            _images.Remove(blob);
    }

    /// <summary>Removes all other blobs from the index.</summary>
    public void KeepOnly(IEnumerable<string> blobs)
    {
        var kept = blobs.ToHashSet(StringComparer.Ordinal);
        lock (_lock)
        {
            foreach (string gone in _images.Keys.Where(blob => !kept.Contains(blob)).ToArray())
                _images.Remove(gone);
        }
    }

    public async Task SaveAsync(CancellationToken cancellation)
    {
        IndexedImage[] images;
        lock (_lock)
            images = [.. _images.Values];
        await AtomicFile.WriteAsync(
            _path,
            async file =>
            {
                await using var writer = new StreamWriter(file, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
                foreach (IndexedImage image in images)
                    await writer.WriteLineAsync(LineOf(image, TrainingImageJson.Default.IndexedImage), cancellation).ConfigureAwait(false);
                await writer.WriteLineAsync(
                    LineOf(new IndexEnd(images.Length), TrainingImageJson.Default.IndexEnd), cancellation).ConfigureAwait(false);
            },
            durable: true).ConfigureAwait(false);
    }

    private async Task<bool> TryReadAsync(CancellationToken cancellation)
    {
        try
        {
            string? last = null;
            await foreach (string line in File.ReadLinesAsync(_path, cancellation).ConfigureAwait(false))
            {
                if (last is not null && ValueOf(last, TrainingImageJson.Default.IndexedImage) is { } image)
                    _images[image.Blob] = image;
                last = line;
            }

            return last is not null && ValueOf(last, TrainingImageJson.Default.IndexEnd)?.Count == _images.Count;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static ReadOnlyMemory<char> LineOf<T>(T value, JsonTypeInfo<T> type) =>
        Encoding.UTF8.GetString(StrictJson.Write(value, type)).AsMemory();

    private static T? ValueOf<T>(string line, JsonTypeInfo<T> type) => StrictJson.Read(Encoding.UTF8.GetBytes(line), type);
}

/// <summary>The last line of an index.</summary>
/// <param name="Count">The number of lines before it.</param>
internal sealed record IndexEnd(int Count);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(IndexedImage))]
[JsonSerializable(typeof(IndexEnd))]
internal sealed partial class TrainingImageJson : JsonSerializerContext;
