using IpuNet.Faces.Pipeline;

namespace IpuNet.Service.Recognition;

/// <summary>An image that has to be recognised, with what is there of it.</summary>
/// <param name="Job">The image.</param>
/// <param name="UploadETag">Version of the upload.</param>
/// <param name="Read">Gives its bytes, or throws why there are none.</param>
/// <param name="Former">The result that was there already of another version; null where there was none, or nobody has looked.</param>
internal sealed record FetchedImage(ImageJob Job, string UploadETag, Func<byte[]> Read, FormerResult? Former)
{
    /// <summary>Bytes that it takes in memory.</summary>
    public long Size { get; init; }

    public ImageSource ToSource() => new(Job.Upload.Image, _ => Task.Run(Read)) { Faces = Job.Faces, Trace = Job.Trace, Tag = this };
}
