using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using IpuNet.Contract;
using IpuNet.Faces.Files;

namespace IpuNet.Faces.Models;

/// <summary>Reads and writes the files of the model store. Writes are atomic.</summary>
internal static class ModelFiles
{
    /// <exception cref="FaceDataException">The file is missing, or its content is not valid.</exception>
    public static T ReadJson<T>(string path, JsonTypeInfo<T> type, Func<T, int> schema) => FromJson(Read(path), path, type, schema);

    /// <exception cref="FaceDataException">The JSON is not valid.</exception>
    public static T FromJson<T>(ReadOnlySpan<byte> json, string name, JsonTypeInfo<T> type, Func<T, int> schema)
    {
        try
        {
            T value = StrictJson.Read(json, type) ?? throw new JsonException("it is null");
            return schema(value) switch
            {
                ModelManifest.CurrentSchema => value,
                0 => throw new FaceDataException($"it has no \"schema\", which must be {ModelManifest.CurrentSchema}. Restore the file."),
                var other => throw new FaceDataException(
                    $"its schema {other} is unknown; this ipunet reads schema {ModelManifest.CurrentSchema}. Use a newer ipunet."),
            };
        }
        catch (Exception e) when (e is JsonException or FaceDataException)
        {
            throw new FaceDataException($"{name}: cannot be used: {e.Message}", e);
        }
    }

    /// <exception cref="FaceDataException">The file is missing or cannot be read.</exception>
    public static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FaceDataException($"{path}: cannot be read: {e.Message}", e);
        }
    }

    public static void WriteJson<T>(string path, T value, JsonTypeInfo<T> type) =>
        AtomicFile.Write(path, ToJson(value, type), durable: true);

    public static byte[] ToJson<T>(T value, JsonTypeInfo<T> type) => [.. StrictJson.Write(value, type), (byte)'\n'];
}
