using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Pipeline;

/// <summary>Decides which images are enrolled: those that can be read and pass the enrolment gate.</summary>
/// <param name="gate">The gate.</param>
/// <param name="source">The embedding source of the pipeline.</param>
public sealed class EnrolmentJudge(EnrolmentGate gate, EmbeddingSource source)
{
    /// <summary>
    /// The pipeline options for enrolment: the same without enhancement. A gallery must not depend on the enhancer's version.
    /// </summary>
    /// <param name="options">The options.</param>
    public static ImagePipelineOptions PipelineOptions(ImagePipelineOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options with { Enhance = EnhanceChoice.Off };
    }

    /// <summary>Judges an image.</summary>
    /// <param name="image">
    /// The result of an <see cref="ImagePipeline"/> with <see cref="PipelineOptions"/> and a recogniser.
    /// </param>
    /// <param name="enrolledAt">The time of the enrolment.</param>
    public JudgedImage Judge(ImageResult image, DateTimeOffset enrolledAt)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.Status is ImageStatus.Rejected or ImageStatus.Failed)
            return new JudgedImage(new EnrolmentVerdict(image.Reason, null) { Category = EnrolmentVerdict.Unreadable }, null);

        EnrolmentFace[] asking = [.. image.Faces.Select(face => face.Located.ToEnrol())];
        EnrolmentVerdict verdict = gate.Judge(asking);
        if (!verdict.Accepted)
            return new JudgedImage(verdict, null);
        FaceResult chosen = image.Faces[Array.IndexOf(asking, verdict.Face)];
        var provenance = new EnrolmentProvenance(image.Name, image.Sha256!, chosen.Box, verdict.Quality);
        var embedding = new SubjectEmbedding(source, chosen.Embedding!, provenance, enrolledAt);
        return new JudgedImage(verdict, embedding) { Aligned = chosen.Aligned };
    }
}

/// <summary>The decision about an image.</summary>
/// <param name="Verdict">Whether the face may be enrolled, and if not, why.</param>
/// <param name="Embedding">The embedding to enrol; null if the image was refused.</param>
public sealed record JudgedImage(EnrolmentVerdict Verdict, SubjectEmbedding? Embedding)
{
    /// <summary>The aligned face of <see cref="Embedding"/>, 128x128 px; null if the image was refused.</summary>
    public RgbImage? Aligned { get; init; }

    /// <summary>What is kept of the face beside its embedding; null where nothing is.</summary>
    public RgbImage? Kept(FaceRetention retain) => retain == FaceRetention.Crops ? Aligned : null;

    /// <summary>Overwrites the embedding and the aligned face with zeros. They cannot be used afterwards.</summary>
    public void Overwrite()
    {
        Embedding?.Overwrite();
        CryptographicOperations.ZeroMemory(Aligned?.Pixels);
    }

    /// <summary>The answer for the image.</summary>
    /// <param name="image">Its name.</param>
    public EnrolledImage Answer(string image) => new(image, Verdict.Accepted, Verdict.Refusal, Verdict.Quality);
}
