using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Pipeline;

/// <summary>Decides which images are enrolled: those that can be read and pass the gate.</summary>
/// <param name="gate">The gate.</param>
/// <param name="source">The models of the pipeline.</param>
public sealed class EnrolmentJudge(EnrolmentGate gate, EmbeddingSource source)
{
    /// <summary>Enrolled faces are never enhanced: a gallery must not depend on the enhancer's version.</summary>
    /// <param name="options">How images are worked through.</param>
    public static ImagePipelineOptions PipelineOptions(ImagePipelineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options with { Enhance = EnhanceChoice.Off };
    }

    /// <summary>Judges an image.</summary>
    /// <param name="image">What an <see cref="ImagePipeline"/> with <see cref="PipelineOptions"/> made of it, the embedding included.</param>
    /// <param name="enrolledAt">When its face is enrolled.</param>
    public JudgedImage Judge(ImageResult image, DateTimeOffset enrolledAt)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Status is ImageStatus.Rejected or ImageStatus.Failed)
            return new JudgedImage(new EnrolmentVerdict(image.Reason, null) { Category = EnrolmentVerdict.Unreadable }, null);

        FaceResult? face = image.Faces is [var only] ? only : null;
        EnrolmentVerdict verdict = gate.Judge(image.Faces.Count, face?.SourceHeight ?? 0, face?.Aligned);
        if (!verdict.Accepted)
            return new JudgedImage(verdict, null);
        var provenance = new EnrolmentProvenance(image.Name, image.Sha256!, face!.Box, verdict.Quality);
        return new JudgedImage(verdict, new SubjectEmbedding(source, face.Embedding!, provenance, enrolledAt)) { Aligned = face.Aligned };
    }
}

/// <summary>What was decided of an image.</summary>
/// <param name="Verdict">Whether its face may be enrolled.</param>
/// <param name="Embedding">The face to enrol; null where it may not be.</param>
public sealed record JudgedImage(EnrolmentVerdict Verdict, SubjectEmbedding? Embedding)
{
    /// <summary>The aligned face that <see cref="Embedding"/> is of, 128x128 px; null where there is none.</summary>
    public RgbImage? Aligned { get; init; }
}
