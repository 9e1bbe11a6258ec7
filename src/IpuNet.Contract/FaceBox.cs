using System.Text.Json;
using System.Text.Json.Serialization;

namespace IpuNet.Contract;

/// <summary>A rectangle in a photo, in pixels. A pixel covers [i, i + 1): the whole photo is (0, 0, width, height).</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Top edge.</param>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
public readonly record struct FaceBox(float X, float Y, float Width, float Height)
{
    /// <summary>Right edge.</summary>
    public float Right => X + Width;

    /// <summary>Bottom edge.</summary>
    public float Bottom => Y + Height;

    /// <summary>Area in square pixels; 0 for a box without extent.</summary>
    public float Area => Math.Max(0f, Width) * Math.Max(0f, Height);

    /// <summary>The shared area of two boxes divided by the area that they cover together, 0-1; 0 if either has no area.</summary>
    public float IntersectionOverUnion(FaceBox other)
    {
        float shared = Intersect(other).Area;
        float covered = Area + other.Area - shared;
        return shared > 0f ? shared / covered : 0f;
    }

    /// <summary>Clips the box to a photo. The result has no width or no height if the box lies outside.</summary>
    /// <param name="width">Width of the photo in pixels.</param>
    /// <param name="height">Height of the photo in pixels.</param>
    public FaceBox ClipTo(int width, int height)
    {
        float left = Math.Clamp(X, 0f, width), top = Math.Clamp(Y, 0f, height);
        return new FaceBox(left, top, Math.Clamp(Right, left, width) - left, Math.Clamp(Bottom, top, height) - top);
    }

    private FaceBox Intersect(FaceBox other)
    {
        float left = Math.Max(X, other.X), top = Math.Max(Y, other.Y);
        return new FaceBox(left, top, Math.Min(Right, other.Right) - left, Math.Min(Bottom, other.Bottom) - top);
    }
}

/// <summary>A box as <c>[x, y, width, height]</c>.</summary>
public sealed class FaceBoxArrayConverter : JsonConverter<FaceBox>
{
    /// <inheritdoc/>
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

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, FaceBox value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var number in (ReadOnlySpan<float>)[value.X, value.Y, value.Width, value.Height])
            writer.WriteNumberValue(number);
        writer.WriteEndArray();
    }
}
