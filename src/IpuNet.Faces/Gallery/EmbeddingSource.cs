namespace IpuNet.Faces.Gallery;

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
            throw new FaceDataException($"Embeddings made by '{this}' and by '{other}' cannot be compared: re-enrol or re-embed the gallery.");
    }

    /// <summary>Both ids, for messages.</summary>
    public override string ToString() => $"{Recogniser} on {Alignment}";
}
