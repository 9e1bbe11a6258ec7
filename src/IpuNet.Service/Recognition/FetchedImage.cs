using Azure;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Service.Recognition;

/// <summary>An image that has to be recognised, with what is there of it.</summary>
/// <param name="Job">The image.</param>
/// <param name="UploadETag">Version of the upload.</param>
/// <param name="Read">Gives its bytes, or throws why there are none.</param>
/// <param name="FormerETag">Version of the result that is there already; null where there is none.</param>
/// <param name="FormerFaces">How many faces that result has.</param>
internal sealed record FetchedImage(ImageJob Job, string UploadETag, Func<byte[]> Read, ETag? FormerETag, int FormerFaces)
{
    /// <summary>Bytes that it takes in memory.</summary>
    public long Size { get; init; }

    public ImageSource ToSource() => new(Job.Upload.Image, _ => Task.Run(Read)) { Faces = Job.Faces, Trace = Job.Trace, Tag = this };
}
