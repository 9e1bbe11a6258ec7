namespace IpuNet.Faces.Gallery;

/// <summary>One subject of the gallery that a probe resembles.</summary>
/// <param name="SubjectId">The subject.</param>
/// <param name="Score">Cosine similarity of the probe and the subject's closest embedding, in [-1, 1] up to rounding.</param>
public sealed record GalleryMatch(string SubjectId, float Score);
