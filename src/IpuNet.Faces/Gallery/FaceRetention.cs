namespace IpuNet.Faces.Gallery;

/// <summary>What is kept of the faces that are enrolled, beside their embeddings.</summary>
public enum FaceRetention
{
    /// <summary>
    /// The aligned face, in the gallery; by the service the uploaded picture, too. The first is what another recogniser needs, the second
    /// what another detector or another alignment needs.
    /// </summary>
    Crops,

    /// <summary>
    /// Nothing: the service removes the uploaded picture once its face is embedded. With another recogniser the subject has to be enrolled
    /// anew.
    /// </summary>
    EmbeddingsOnly,
}
