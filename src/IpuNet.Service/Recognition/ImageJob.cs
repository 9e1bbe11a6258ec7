using System.Diagnostics;
using IpuNet.Contract;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Service.Recognition;

/// <summary>An image of a message that needs its result.</summary>
/// <param name="upload">The image.</param>
/// <param name="message">The message.</param>
/// <param name="isNew">Whether the image is so new that it can hardly have a result.</param>
/// <param name="trace">The trace of the message; default for none.</param>
/// <param name="lost">Cancelled when another worker may have the message.</param>
internal sealed class ImageJob(UploadName upload, FaceBatchMessage message, bool isNew, ActivityContext trace, CancellationToken lost)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public UploadName Upload => upload;

    public string Gallery => message.Gallery;

    public FaceDetectionMode Faces => message.Faces;

    public bool IsNew => isNew;

    public ActivityContext Trace => trace;

    /// <summary>Completes when the image has its result, or with the error.</summary>
    public Task Done => _done.Task;

    /// <summary>Whether another worker must write the result.</summary>
    public bool IsLost => lost.IsCancellationRequested;

    public void Complete() => _done.TrySetResult();

    public void Fail(Exception error) => _done.TrySetException(error);

    public void Cancel() => _done.TrySetCanceled(CancellationToken.None);
}

/// <summary>A downloaded image that must be recognised.</summary>
/// <param name="Job">The image.</param>
/// <param name="UploadETag">The ETag of the upload.</param>
/// <param name="File">Gives the bytes, or throws the reason why there are none.</param>
/// <param name="Former">The existing result of another version; null if there is none or nobody has checked.</param>
internal sealed record FetchedImage(ImageJob Job, string UploadETag, Func<byte[]> File, FormerResult? Former)
    : ImageSource(Job.Upload.Image, _ => Task.Run(File), Job.Faces, Job.Trace)
{
    /// <summary>The size in memory, in bytes.</summary>
    public long Size { get; init; }
}
