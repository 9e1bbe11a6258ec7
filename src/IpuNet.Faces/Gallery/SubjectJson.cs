using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Faces.Detection;

namespace IpuNet.Faces.Gallery;

/// <summary>The one member that every schema has.</summary>
internal sealed record SchemaStamp(int Schema);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true)]
[JsonSerializable(typeof(SubjectRecord))]
[JsonSerializable(typeof(SchemaStamp))]
internal sealed partial class SubjectJson : JsonSerializerContext;

/// <summary>A vector as base64 of its little-endian float32: exact, and a third of the size of decimal numbers.</summary>
internal sealed class Base64VectorConverter : JsonConverter<float[]>
{
    public override float[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (!reader.TryGetBytesFromBase64(out var bytes) || bytes.Length % sizeof(float) != 0)
            throw new JsonException();

        var vector = new float[bytes.Length / sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
            vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(i * sizeof(float)));
        CryptographicOperations.ZeroMemory(bytes);
        return vector;
    }

    public override void Write(Utf8JsonWriter writer, float[] value, JsonSerializerOptions options)
    {
        var bytes = new byte[value.Length * sizeof(float)];
        for (var i = 0; i < value.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), value[i]);
        writer.WriteBase64StringValue(bytes);
        CryptographicOperations.ZeroMemory(bytes);
    }
}

/// <summary>A box as <c>[x, y, width, height]</c>.</summary>
internal sealed class FaceBoxArrayConverter : JsonConverter<FaceBox>
{
    public override FaceBox Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Span<float> numbers = stackalloc float[4];
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException();
        foreach (ref var number in numbers)
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.Number || !reader.TryGetSingle(out number) || !float.IsFinite(number))
                throw new JsonException();
        }

        if (!reader.Read() || reader.TokenType != JsonTokenType.EndArray)
            throw new JsonException();
        return new FaceBox(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    public override void Write(Utf8JsonWriter writer, FaceBox value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var number in (ReadOnlySpan<float>)[value.X, value.Y, value.Width, value.Height])
            writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}
