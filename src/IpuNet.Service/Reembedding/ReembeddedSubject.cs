using Azure;
using Azure.Storage.Blobs;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;

namespace IpuNet.Service.Reembedding;

/// <summary>A subject on its way through a re-embedding.</summary>
/// <param name="Blob">Where its record is.</param>
/// <param name="Record">The record as it was read.</param>
/// <param name="Version">Version of what was read.</param>
internal sealed record ReembeddedSubject(BlobClient Blob, SubjectRecord Record, ETag Version)
{
    /// <summary>Aligned faces that wait for their embeddings, each with its former one.</summary>
    public List<(SubjectEmbedding Face, RgbImage Aligned)> Waiting { get; } = [];

    /// <summary>Embeddings that are made.</summary>
    public List<SubjectEmbedding> Made { get; } = [];

    /// <summary>Why faces cannot be embedded.</summary>
    public List<string> Faults { get; } = [];
}
