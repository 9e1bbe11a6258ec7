using System.Diagnostics;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Intake;
using IpuNet.Service.Messages;

namespace IpuNet.Service.Recognition;

/// <summary>An image of a message, on its way to its result.</summary>
/// <param name="upload">The image.</param>
/// <param name="message">The message.</param>
/// <param name="isNew">Whether it is so new that it hardly has a result.</param>
/// <param name="trace">The trace of the message's handling; default for none.</param>
/// <param name="lost">Is cancelled when another worker may have the message.</param>
internal sealed class ImageJob(UploadName upload, FaceBatchMessage message, bool isNew, ActivityContext trace, CancellationToken lost)
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public UploadName Upload => upload;

    public string Gallery => message.Gallery;

    public FaceFinding Faces => message.Faces;

    public bool IsNew => isNew;

    public ActivityContext Trace => trace;

    /// <summary>Ends when the image has its result, or with what went wrong.</summary>
    public Task Done => _done.Task;

    /// <summary>Whether its result is no longer this worker's to write.</summary>
    public bool IsLost => lost.IsCancellationRequested;

    public void Complete() => _done.TrySetResult();

    public void Fail(Exception error) => _done.TrySetException(error);

    public void Cancel() => _done.TrySetCanceled(CancellationToken.None);
}
