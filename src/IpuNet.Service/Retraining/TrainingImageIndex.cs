using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Faces.Files;

namespace IpuNet.Service.Retraining;

/// <summary>An image that is here.</summary>
/// <param name="Blob">Its name in storage.</param>
/// <param name="ETag">Version of the blob.</param>
/// <param name="Sha256">SHA-256 of the file, lower-case hexadecimal.</param>
/// <param name="Length">Length of the file, bytes.</param>
internal sealed record IndexedImage(string Blob, string ETag, string Sha256, long Length);

/// <summary>
/// What is known of the images that are here: one a line, and a last line that says how many. It is written aside and renamed. One that
/// cannot be read says nothing, and then all is downloaded again; what it says of a file is checked before the file is used.
/// </summary>
internal sealed class TrainingImageIndex
{
    private readonly string _path;
    private readonly Dictionary<string, IndexedImage> _images = new(StringComparer.Ordinal);
    private readonly Lock _one = new();

    private TrainingImageIndex(string path) => _path = path;

    /// <summary>Reads the index; an empty one where there is none that can be read.</summary>
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
            lock (_one)
                return _images.Count;
        }
    }

    /// <summary>What is known of this version of a blob; null where nothing is.</summary>
    public IndexedImage? Find(ListedImage image)
    {
        lock (_one)
            return _images.TryGetValue(image.Blob, out IndexedImage? found) && found.ETag == image.Version && found.Length == image.Length ? found : null;
    }

    public void Set(IndexedImage image)
    {
        lock (_one)
            _images[image.Blob] = image;
    }

    public void Remove(string blob)
    {
        lock (_one)
            _images.Remove(blob);
    }

    /// <summary>Forgets all other blobs.</summary>
    public void KeepOnly(IEnumerable<string> blobs)
    {
        var kept = blobs.ToHashSet(StringComparer.Ordinal);
        lock (_one)
        {
            foreach (string gone in _images.Keys.Where(blob => !kept.Contains(blob)).ToArray())
                _images.Remove(gone);
        }
    }

    public async Task SaveAsync(CancellationToken cancellation)
    {
        IndexedImage[] images;
        lock (_one)
            images = [.. _images.Values];
        await WholeFile.WriteAsync(
            _path,
            async file =>
            {
                await using var writer = new StreamWriter(file, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
                foreach (IndexedImage image in images)
                    await writer.WriteLineAsync(JsonSerializer.Serialize(image, TrainingImageJson.Default.IndexedImage).AsMemory(), cancellation).ConfigureAwait(false);
                await writer.WriteLineAsync(JsonSerializer.Serialize(new IndexEnd(images.Length), TrainingImageJson.Default.IndexEnd).AsMemory(), cancellation).ConfigureAwait(false);
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
                if (last is not null && JsonSerializer.Deserialize(last, TrainingImageJson.Default.IndexedImage) is { } image)
                    _images[image.Blob] = image;
                last = line;
            }

            return last is not null && JsonSerializer.Deserialize(last, TrainingImageJson.Default.IndexEnd)?.Count == _images.Count;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>The last line of an index.</summary>
/// <param name="Count">How many lines are before it.</param>
internal sealed record IndexEnd(int Count);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(IndexedImage))]
[JsonSerializable(typeof(IndexEnd))]
internal sealed partial class TrainingImageJson : JsonSerializerContext;
