using System.Text.Json.Serialization;

namespace IpuNet.Contract;

/// <summary>The result of one image, as <c>results/{batch}/{file}.json</c> and <c>ipunet identify --json</c> give it; schema 1.</summary>
public sealed record ImageAnswer
{
    /// <summary>The schema version.</summary>
    [JsonRequired]
    public int Schema { get; init; } = JobMessage.CurrentSchema;

    /// <summary>The batch of the image; null outside the service.</summary>
    [BatchId]
    public string? BatchId { get; init; }

    /// <summary>The image's name.</summary>
    public required string Image { get; init; }

    /// <summary>The outcome.</summary>
    public required ImageStatus Status { get; init; }

    /// <summary>Why there is no face, and the way out; null if there is one.</summary>
    public string? Reason { get; init; }

    /// <summary>The models that were used; null if the upload was refused before any model ran.</summary>
    public required AnswerModels? Models { get; init; }

    /// <summary>The processing times; null if they were not measured.</summary>
    public ImageTimings? Timings { get; init; }

    /// <summary>The faces. The face that the detector is surest of comes first.</summary>
    public required IReadOnlyList<FaceAnswer> Faces { get; init; }

    /// <summary>Reads a result.</summary>
    /// <param name="json">UTF-8.</param>
    /// <param name="name">The path or blob name, for error messages.</param>
    /// <exception cref="FaceDataException">The JSON is not a valid result.</exception>
    public static ImageAnswer FromJson(ReadOnlySpan<byte> json, string name) =>
        StrictJson.Require(json, AnswerJson.Default.ImageAnswer, $"{name} is not a valid result", "Recognise the image again.");

    /// <summary>Writes the JSON, UTF-8.</summary>
    public byte[] ToJson() => StrictJson.Write(this, AnswerJson.Default.ImageAnswer);
}

/// <summary>The ids of the models that produced a result.</summary>
/// <param name="Enhancer">The enhancer; null if none is in use.</param>
/// <param name="Recogniser">The recogniser.</param>
/// <param name="Detector">The detector and the landmark network.</param>
public sealed record AnswerModels(string? Enhancer, string Recogniser, string Detector);

/// <summary>The result of one face.</summary>
public sealed record FaceAnswer
{
    /// <summary>The face's box in the image, in pixels.</summary>
    [JsonConverter(typeof(FaceBoxArrayConverter))]
    public required FaceBox Box { get; init; }

    /// <summary>
    /// The height of the face in pixels of the image, rounded: the side of the square that the aligned face is cut from. It is close to the
    /// height of <see cref="Box"/>. It decides the resolution band.
    /// </summary>
    public required int SourceHeight { get; init; }

    /// <summary>The name of the resolution band.</summary>
    [BandName]
    public required string Band { get; init; }

    /// <summary>Whether no face was looked for, or none was found: the whole image was taken for a crop of one face.</summary>
    public bool Crop { get; init; }

    /// <summary>Whether it is uncertain how the face lies in the image, or whether it is a face at all.</summary>
    public bool Unsure { get; init; }

    /// <summary>Whether the face was super-resolved.</summary>
    public required bool Enhanced { get; init; }

    /// <summary>What is special about the face, a word each: "SR" (super-resolved), "crop", "unsure".</summary>
    public IEnumerable<string> Marks()
    {
        if (Enhanced)
            yield return "SR";
        if (Crop)
            yield return "crop";
        if (Unsure)
            yield return "unsure";
    }

    /// <summary>The path of the face's picture; null if none was written.</summary>
    public string? Image { get; init; }

    /// <summary>The decision: <see cref="FaceDecision.Known"/> or <see cref="FaceDecision.Unknown"/>.</summary>
    [FaceDecision]
    public required string Decision { get; init; }

    /// <summary>The cosine similarity that the best match has to reach for "known".</summary>
    [Between(-1, 1)]
    public required float Threshold { get; init; }

    /// <summary>The false accept rate that the threshold was calibrated for.</summary>
    [Between(0, 1)]
    public required double Far { get; init; }

    /// <summary>The most similar subjects, best first, known or not.</summary>
    public required IReadOnlyList<GalleryMatch> Matches { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, NewLine = "\n", RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ImageAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext;

/// <summary>The outcome of an image.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImageStatus>))]
public enum ImageStatus
{
    /// <summary>The image has at least one face.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>The image has no face.</summary>
    [JsonStringEnumMemberName("no-face")]
    NoFace,

    /// <summary>The file is not a usable image. Another attempt cannot help.</summary>
    [JsonStringEnumMemberName("rejected")]
    Rejected,

    /// <summary>The image could not be read. Another attempt may succeed.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>
/// The processing times of an image, in milliseconds of wall-clock time. Images are processed in parallel and share the machine, so the sum
/// over many images exceeds the time of their run. No time includes waiting for other images.
/// </summary>
public sealed record ImageTimings
{
    /// <summary>Reading or downloading the file, and decoding it.</summary>
    [NotNegative]
    public double Decode { get; init; }

    /// <summary>
    /// Finding and aligning the faces: the batch's time divided by the number of decoded images. A large photo costs more than a crop, but
    /// the share is the same. 0 for an image that could not be decoded.
    /// </summary>
    [NotNegative]
    public double Locate { get; init; }

    /// <summary>
    /// Super-resolving and embedding the faces: this image's share of the batch's time, by number of faces. 0 without a face.
    /// </summary>
    [NotNegative]
    public double Recognise { get; init; }

    /// <summary>
    /// Searching the gallery: this image's share of the batch's time, by number of faces. 0 without a face or without a search.
    /// </summary>
    [NotNegative]
    public double Match { get; init; }
}

/// <summary>A subject that a probe resembles.</summary>
/// <param name="SubjectId">The subject.</param>
/// <param name="Score">Cosine similarity of the probe and the subject's closest embedding, in [-1, 1] up to rounding.</param>
public sealed record GalleryMatch([property: SubjectId] string SubjectId, float Score);
