using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Policies;
using IpuNet.Faces.Recognition;

namespace IpuNet.Faces.Pipeline;

/// <summary>Identifies faces: searches a gallery for the pipeline's embeddings, and decides by the policy.</summary>
public sealed class FaceIdentifier
{
    private readonly GalleryIndex _index;
    private readonly EmbeddingSource _source;
    private readonly RecognitionPolicy _policy;
    private readonly AnswerModels _models;
    private readonly TimeProvider _time;

    /// <summary>Creates an identifier for a gallery.</summary>
    /// <param name="index">The search index of the gallery.</param>
    /// <param name="models">The pipeline's models.</param>
    /// <param name="time">Measures <see cref="ImageTimings.Match"/>. Null takes the system's clock.</param>
    /// <exception cref="FaceDataException">
    /// Other models made the gallery's embeddings, or there is no policy for the recogniser.
    /// </exception>
    public FaceIdentifier(GalleryIndex index, PipelineModels models, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(models);
        _index = index;
        _source = models.Source;
        _policy = models.RequirePolicy();
        _models = new AnswerModels(models.Enhancer?.Id, _source.Recogniser, models.DetectorId);
        _time = time ?? TimeProvider.System;
        index.Source.RequireSame(_source);
    }

    /// <summary>Identifies the faces of a batch of images.</summary>
    /// <param name="images">The results of an <see cref="ImagePipeline"/> with a recogniser.</param>
    /// <param name="count">The maximum number of subjects per face, at least 1.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <returns>One answer for each image, in their order.</returns>
    /// <exception cref="FaceDataException">
    /// The policy has no threshold for enhanced faces of a face's band, or for faces that were not enhanced.
    /// </exception>
    public IReadOnlyList<ImageAnswer> Identify(IReadOnlyList<ImageResult> images, int count, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        float[][] queries = [.. images.SelectMany(image => image.Faces).Select(face => face.Embedding
            ?? throw new ArgumentException("The pipeline was opened without a recogniser.", nameof(images)))];
        long start = _time.GetTimestamp();
        var matches = new Queue<IReadOnlyList<GalleryMatch>>(_index.SearchMany(_source, queries, count, cancellation));
        TimeSpan took = _time.GetElapsedTime(start);
        return
        [
            .. images.Select(image => new ImageAnswer
            {
                Image = image.Name,
                Status = image.Status,
                Reason = image.Reason,
                Models = _models,
                Timings = image.Timings with { Match = ImagePipeline.MillisecondsOf(took, image.Faces.Count, queries.Length) },
                Faces = [.. image.Faces.Select(face => Answer(face, matches.Dequeue()))],
            }),
        ];
    }

    private FaceAnswer Answer(FaceResult face, IReadOnlyList<GalleryMatch> matches)
    {
        MatchDecision decision = MatchDecision.Of(matches, _policy, face.SourceHeight, face.Enhanced is not null);
        return new FaceAnswer
        {
            Box = face.Box,
            SourceHeight = (int)MathF.Round(face.SourceHeight),
            Band = decision.Band.Name,
            Crop = face.Located.IsCrop,
            Unsure = face.Located.IsUnsure,
            Enhanced = face.Enhanced is not null,
            Decision = decision.IsKnown ? FaceDecision.Known : FaceDecision.Unknown,
            Threshold = decision.Threshold,
            Far = decision.Far,
            Matches = decision.Matches,
        };
    }
}
