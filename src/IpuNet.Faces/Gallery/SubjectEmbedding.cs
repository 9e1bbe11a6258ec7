using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using IpuNet.Contract;

namespace IpuNet.Faces.Gallery;

/// <summary>One enrolled face of a subject.</summary>
public sealed class SubjectEmbedding
{
    /// <summary>Creates an embedding. The vector is not copied, so nobody may write to it afterwards.</summary>
    /// <param name="source">The source of the embedding.</param>
    /// <param name="vector">A unit vector, [dimensions].</param>
    /// <param name="provenance">The image that the face comes from.</param>
    /// <param name="enrolledAt">The time of enrolment.</param>
    /// <exception cref="FaceDataException">The vector is empty or not finite, or its length is not 1.</exception>
    public SubjectEmbedding(EmbeddingSource source, float[] vector, EnrolmentProvenance provenance, DateTimeOffset enrolledAt)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(vector);
        ArgumentNullException.ThrowIfNull(provenance);
        UnitVector.Require(vector, $"The embedding of {provenance.Image}");
        Source = source;
        Vector = vector;
        Provenance = provenance;
        EnrolledAt = enrolledAt;
    }

    /// <summary>The source of the embedding.</summary>
    public EmbeddingSource Source { get; }

    /// <summary>The unit vector, [dimensions].</summary>
    [JsonConverter(typeof(Base64VectorConverter))]
    public float[] Vector { get; }

    /// <summary>The image that the face comes from.</summary>
    public EnrolmentProvenance Provenance { get; }

    /// <summary>The time of enrolment.</summary>
    public DateTimeOffset EnrolledAt { get; }

    /// <summary>Overwrites the vector with zeros. The embedding cannot be used afterwards.</summary>
    public void Overwrite() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(Vector.AsSpan()));

    /// <summary>Whether another embedding has the same source and is of the same face in the same image.</summary>
    internal bool IsSameFaceAs(SubjectEmbedding other) =>
        Source == other.Source && Provenance.Sha256 == other.Provenance.Sha256 && Provenance.Box == other.Provenance.Box;
}

/// <summary>The source of an embedding. Embeddings of different sources are in different spaces, so they are never compared.</summary>
/// <param name="Recogniser">Id of the recogniser, such as <c>dlib-resnet29@1</c>.</param>
/// <param name="Alignment">
/// Ids of the detector, the landmark network and the alignment that made the aligned face, such as
/// <c>tiny-face-detector@1+face-landmark-68@1+dlib-chip-128@1</c>.
/// </param>
public sealed record EmbeddingSource(string Recogniser, string Alignment)
{
    /// <summary>Checks that embeddings of this source and of another one can be compared.</summary>
    /// <exception cref="FaceDataException">The sources differ.</exception>
    public void RequireSame(EmbeddingSource other)
    {
        if (this != other)
            throw new FaceDataException(
                $"Embeddings made by '{this}' and by '{other}' cannot be compared: re-enrol or re-embed the gallery.");
    }

    /// <summary>Both ids, for messages.</summary>
    public override string ToString() => $"{Recogniser} on {Alignment}";
}

/// <summary>The origin of an embedding. With it, the embedding can be traced and made again.</summary>
/// <param name="Image">Name of the image.</param>
/// <param name="Sha256">SHA-256 of the image file, lower-case hexadecimal.</param>
/// <param name="Box">The box of the face in the image, pixels.</param>
/// <param name="Quality">The quality that the enrolment gate measured.</param>
public sealed record EnrolmentProvenance(
    string Image,
    string Sha256,
    [property: JsonConverter(typeof(FaceBoxArrayConverter))] FaceBox Box,
    EnrolmentQuality Quality);
