using System.Text.Json;
using System.Text.Json.Serialization;
using IpuNet.Faces.Detection;
using IpuNet.Faces.Files;
using IpuNet.Faces.Gallery;

namespace IpuNet.Faces.Pipeline;

/// <summary>The answer for one image, as <c>results/{batch}/{file}.json</c> and <c>ipunet identify --json</c> give it; schema 1.</summary>
public sealed record ImageAnswer
{
    /// <summary>Schema of the written form.</summary>
    public int Schema { get; init; } = 1;

    /// <summary>The batch that the image came in; null outside the service.</summary>
    public string? BatchId { get; init; }

    /// <summary>The image's name.</summary>
    public required string Image { get; init; }

    /// <summary>What became of it.</summary>
    public required ImageStatus Status { get; init; }

    /// <summary>Why there is no face; null where there is one.</summary>
    public string? Reason { get; init; }

    /// <summary>The models that were used; null where an upload was refused before any was.</summary>
    public required AnswerModels? Models { get; init; }

    /// <summary>What it cost; null in answers that did not measure it.</summary>
    public ImageTimings? Timings { get; init; }

    /// <summary>The faces, the detector's surest first.</summary>
    public required IReadOnlyList<FaceAnswer> Faces { get; init; }

    /// <summary>Reads an answer.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">What error messages call it: its path or blob name.</param>
    /// <exception cref="FaceDataException">It is no answer.</exception>
    public static ImageAnswer FromJson(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            return StrictJson.Read(json, AnswerJson.Default.ImageAnswer) ?? throw new JsonException("It is null.");
        }
        catch (JsonException error)
        {
            throw new FaceDataException($"{name} is no usable answer: {error.Message} Have the image recognised again.", error);
        }
    }

    /// <summary>The written form, UTF-8.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, AnswerJson.Default.ImageAnswer);
}

/// <summary>Ids of the models behind an answer.</summary>
/// <param name="Enhancer">The enhancer; null where none is in use.</param>
/// <param name="Recogniser">The recogniser.</param>
/// <param name="Detector">Detector and landmark net.</param>
public sealed record AnswerModels(string? Enhancer, string Recogniser, string Detector);

/// <summary>The answer for one face.</summary>
public sealed record FaceAnswer
{
    /// <summary>Where it is in the image, pixels.</summary>
    [JsonConverter(typeof(FaceBoxArrayConverter))]
    public required FaceBox Box { get; init; }

    /// <summary>Its height in the image, as <see cref="LocatedFace.SourceHeight"/>, rounded to whole pixels.</summary>
    public required int SourceHeight { get; init; }

    /// <summary>Name of its resolution band.</summary>
    public required string Band { get; init; }

    /// <summary>Whether it was super-resolved.</summary>
    public required bool Enhanced { get; init; }

    /// <summary>Where the picture of the face is; null where none was written.</summary>
    public string? Image { get; init; }

    /// <summary>"known" or "unknown".</summary>
    public required string Decision { get; init; }

    /// <summary>The cosine similarity that the best match had to reach.</summary>
    public required float Threshold { get; init; }

    /// <summary>The false accept rate that the threshold was calibrated for.</summary>
    public required double Far { get; init; }

    /// <summary>The most similar subjects, best first, known or not.</summary>
    public required IReadOnlyList<GalleryMatch> Matches { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n", RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ImageAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext;
