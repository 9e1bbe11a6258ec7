namespace IpuNet.Faces.Gallery;

/// <summary>The images that are kept of enrolled faces, besides the embeddings.</summary>
public enum FaceRetention
{
    /// <summary>
    /// The gallery keeps the aligned face, which another recogniser needs. The service keeps the uploaded image, too, which another
    /// detector or another alignment needs.
    /// </summary>
    Crops,

    /// <summary>
    /// No images are kept. The service removes the uploaded image after it has embedded the face. For another recogniser, the subject has
    /// to be enrolled again.
    /// </summary>
    EmbeddingsOnly,
}
