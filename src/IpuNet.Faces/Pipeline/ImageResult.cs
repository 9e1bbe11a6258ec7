using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Policies;

namespace IpuNet.Faces.Pipeline;

/// <summary>The pipeline's result for one image.</summary>
/// <param name="Name">The image's name.</param>
/// <param name="Status">The status.</param>
/// <param name="Reason">The reason why there is no face, for the user, without the image's name; null if there are faces.</param>
/// <param name="Sha256">SHA-256 of the file, 64 lower-case hexadecimal digits; null if the file could not be read.</param>
/// <param name="Faces">The faces, highest detection score first.</param>
public record ImageResult(string Name, ImageStatus Status, string? Reason, string? Sha256, IReadOnlyList<FaceResult> Faces)
{
    /// <summary>The times of the stages.</summary>
    public ImageTimings Timings { get; init; } = new();
}

/// <summary>The pipeline's result for one image, with its source.</summary>
/// <param name="Source">The source that the caller gave.</param>
/// <param name="Status">The status.</param>
/// <param name="Reason">The reason why there is no face, for the user, without the image's name; null if there are faces.</param>
/// <param name="Sha256">SHA-256 of the file, 64 lower-case hexadecimal digits; null if the file could not be read.</param>
/// <param name="Faces">The faces, highest detection score first.</param>
/// <typeparam name="TSource">The caller's type of image source.</typeparam>
public sealed record ImageResult<TSource>(
    TSource Source, ImageStatus Status, string? Reason, string? Sha256, IReadOnlyList<FaceResult> Faces)
    : ImageResult(Source.Name, Status, Reason, Sha256, Faces)
    where TSource : ImageSource;

/// <summary>The pipeline's result for one face.</summary>
/// <param name="Located">The face's place in the image, and the aligned face.</param>
/// <param name="Enhanced">The super-resolved face, 128x128 px; null if it was not enhanced.</param>
/// <param name="Embedding">
/// The embedding of <see cref="Picture"/>, a vector of length 1; null if the pipeline has no recogniser.
/// </param>
public sealed record FaceResult(LocatedFace Located, RgbImage? Enhanced, float[]? Embedding)
{
    /// <summary>The face's box in the image, in pixels. For a crop, the whole image.</summary>
    public FaceBox Box => Located.Box;

    /// <summary>The face's height in the image, in pixels. See <see cref="LocatedFace.SourceHeight"/>.</summary>
    public float SourceHeight => Located.SourceHeight;

    /// <summary>The aligned face, 128x128 px.</summary>
    public RgbImage Aligned => Located.Aligned;

    /// <summary>The face's resolution band.</summary>
    public ResolutionBand Band => ResolutionBand.Of(SourceHeight);

    /// <summary>The face that was embedded: the enhanced face, or the aligned face if it was not enhanced.</summary>
    public RgbImage Picture => Enhanced ?? Aligned;
}

/// <summary>A face that was found in an image and straightened.</summary>
/// <param name="Box">The face's box in the image, in pixels. For a crop, the whole image.</param>
/// <param name="Aligned">The aligned face, 128x128 px.</param>
/// <param name="Alignment">How the face lies in the image, and how sure that is.</param>
/// <param name="Score">The detector's score, 0-1; null for a crop.</param>
public sealed record LocatedFace(FaceBox Box, RgbImage Aligned, FaceAlignment Alignment, float? Score)
{
    /// <summary>The detector's lowest score of a face.</summary>
    internal const float LeastScore = 0.4f;

    // The aligner's lowest probability of a face: where the detector is sure, and where it is not.
    private const float LeastProbability = 0.5f, SureProbability = 0.9f, SureScore = 0.9f;

    // In sides of the aligned face. A face that is this far off is often not recognised.
    private const float LargestError = 0.08f;

    /// <summary>
    /// Height of the aligned face's square in the image, in pixels: the resolution of the face. Training, evaluation and calibration use
    /// the same measure. It is about the height of the box: the square is wider than the face and ends at the chin.
    /// </summary>
    public float SourceHeight => ToImage.Scale * FaceAligner.Size;

    /// <summary>Maps pixels of the aligned face to pixels of the image.</summary>
    public SimilarityTransform ToImage => Alignment.ToPhoto;

    /// <summary>Whether no face was looked for, or none was found: the whole image was taken for a crop of one face.</summary>
    public bool IsCrop => Score is null;

    /// <summary>Whether the aligner is unsure how the face lies, or whether it is a face at all.</summary>
    public bool IsUnsure => !IsFace || Alignment.Error > LargestError;

    /// <summary>What the enrolment gate judges.</summary>
    public EnrolmentFace ToEnrol() => new(Box, SourceHeight, Aligned, IsUnsure);

    /// <summary>Whether the aligner takes it for a face.</summary>
    internal bool IsFace => Alignment.FaceProbability >= LeastProbability;

    /// <summary>Whether a find of the detector is a face.</summary>
    internal static bool IsFaceBy(float score, FaceAlignment alignment) =>
        alignment.FaceProbability >= (score >= SureScore ? LeastProbability : SureProbability);
}
