using Azure;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Telemetry;
using IpuNet.Service.Reports;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Recognition;

/// <summary>Writes the result of an image: first the pictures of its faces, then the result, which marks the image as done.</summary>
internal sealed class ResultWriter(StorageAccount account, ReportImages reported)
{
    private readonly ResultStore _store = new(account);

    /// <exception cref="UploadChangedException">The upload was replaced, and its new version has a result.</exception>
    public async Task WriteAsync(ImageResult<FetchedImage> result, ImageAnswer answer, CancellationToken cancellation)
    {
        FetchedImage image = result.Source;
        using var stage = PipelineStage.Begin("write", [image.Job.Trace]);
        UploadName upload = image.Job.Upload;
        byte[]?[] pictures = [.. result.Faces.Select(face => face.Enhanced is { } picture ? ImageEncoder.EncodePng(picture) : null)];
        answer = Complete(answer, upload);
        var metadata = new ResultMetadata(
            image.UploadETag, answer.Status, answer.Faces.Count, answer.Faces.Count(face => face.Decision == FaceDecision.Known));
        var written = new List<(int Face, ETag Version)>();
        if (await TryWritePicturesAsync().ConfigureAwait(false)
            && await _store.TryWriteAsync(
                upload, answer.ToJson(), metadata, image.Former, DeleteOthersAsync, cancellation).ConfigureAwait(false) is { } version)
        {
            RecognitionMetrics.Result(metadata);
            reported.Remember(upload, version, answer, image.File, pictures);
            return;
        }

        foreach (var (face, own) in written)
            await _store.DeletePictureAsync(upload, face, own, cancellation).ConfigureAwait(false);
        throw new UploadChangedException();

        async Task<bool> TryWritePicturesAsync()
        {
            for (int i = 0; i < pictures.Length; i++)
            {
                if (pictures[i] is not { } png)
                    continue;
                if (await _store.TryWritePictureAsync(upload, i, png, image.UploadETag, cancellation).ConfigureAwait(false)
                    is not { } picture)
                    return false;
                written.Add((i, picture));
            }

            return true;
        }

        // Deletes pictures that only the result of an earlier version had.
        async Task DeleteOthersAsync(FormerResult former)
        {
            for (int i = 0; i < former.Faces; i++)
            {
                if (i >= pictures.Length || pictures[i] is null)
                    await _store.DeletePictureAsync(upload, i, version: null, cancellation).ConfigureAwait(false);
            }
        }
    }

    private static ImageAnswer Complete(ImageAnswer answer, UploadName upload) => answer with
    {
        BatchId = upload.Batch,
        Faces =
        [
            .. answer.Faces.Select((face, i) => face.Enhanced
                ? face with { Image = $"{StorageNames.Results}/{StorageNames.FacePicture(upload.Batch, upload.File, i)}" }
                : face),
        ],
    };
}

/// <summary>The upload was replaced, so the result of the earlier version is useless.</summary>
internal sealed class UploadChangedException() : OperationCanceledException("The upload was replaced while it was processed.");
