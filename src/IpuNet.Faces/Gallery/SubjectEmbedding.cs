using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using IpuNet.Contract;

namespace IpuNet.Faces.Gallery;

/// <summary>One enrolled face of a subject.</summary>
public sealed class SubjectEmbedding
{
    /// <summary>Takes an embedding over without copying the vector; nobody may write to it afterwards.</summary>
    /// <param name="source">The models that made it.</param>
    /// <param name="vector">A unit vector.</param>
    /// <param name="provenance">The image that it comes from.</param>
    /// <param name="enrolledAt">When it was enrolled.</param>
    /// <exception cref="FaceDataException">The vector is not finite or not of length 1.</exception>
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

    /// <summary>The models that made it.</summary>
    public EmbeddingSource Source { get; }

    /// <summary>The unit vector; [dimensions].</summary>
    [JsonConverter(typeof(Base64VectorConverter))]
    public float[] Vector { get; }

    /// <summary>The image that it comes from.</summary>
    public EnrolmentProvenance Provenance { get; }

    /// <summary>When it was enrolled.</summary>
    public DateTimeOffset EnrolledAt { get; }

    /// <summary>Cosine similarity, in [-1, 1] up to rounding.</summary>
    /// <exception cref="FaceDataException">The other was made by other models.</exception>
    public float Similarity(SubjectEmbedding other)
    {
        ArgumentNullException.ThrowIfNull(other);
        Source.RequireSame(other.Source);
        return TensorPrimitives.Dot(Vector, other.Vector);
    }

    /// <summary>Overwrites the vector with zeros; it cannot be used afterwards.</summary>
    public void Overwrite() => CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(Vector.AsSpan()));

    /// <summary>Whether the other is the same face of the same image, made by the same models.</summary>
    internal bool IsSameFaceAs(SubjectEmbedding other) =>
        Source == other.Source && Provenance.Sha256 == other.Provenance.Sha256 && Provenance.Box == other.Provenance.Box;
}

/// <summary>What made an embedding. Embeddings of different sources lie in different spaces and are never compared.</summary>
/// <param name="Recogniser">Id of the recogniser, such as <c>dlib-resnet29@1</c>.</param>
/// <param name="Alignment">Ids of the detector, landmark model and alignment that cut the face out, such as
/// <c>tiny-face-detector@1+face-landmark-68@1+dlib-chip-128@1</c>.</param>
public sealed record EmbeddingSource(string Recogniser, string Alignment)
{
    /// <summary>Makes sure that embeddings of this source and of the other may be compared.</summary>
    /// <exception cref="FaceDataException">They may not.</exception>
    public void RequireSame(EmbeddingSource other)
    {
        if (this != other)
            throw new FaceDataException(
                $"Embeddings made by '{this}' and by '{other}' cannot be compared: re-enrol or re-embed the gallery.");
    }

    /// <summary>Both ids, for messages.</summary>
    public override string ToString() => $"{Recogniser} on {Alignment}";
}

/// <summary>Where an embedding comes from, so that it can be traced and made again.</summary>
/// <param name="Image">Name of the image.</param>
/// <param name="Sha256">SHA-256 of the image file, lower-case hexadecimal.</param>
/// <param name="Box">The face in the image, pixels.</param>
/// <param name="Quality">What the enrolment gate measured.</param>
public sealed record EnrolmentProvenance(
    string Image,
    string Sha256,
    [property: JsonConverter(typeof(FaceBoxArrayConverter))] FaceBox Box,
    EnrolmentQuality Quality);
