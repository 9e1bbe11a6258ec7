using Azure;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Intake;
using IpuNet.Service.Reports;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Recognition;

/// <summary>Writes what became of an image: first the pictures of its faces, then the result, which says that all is done.</summary>
internal sealed class ResultWriter(StorageAccount account, ReportImages reported)
{
    private readonly ResultStore _store = new(account);

    /// <exception cref="UploadChangedException">The upload has changed, and somebody has written a result of it.</exception>
    public async Task WriteAsync(FetchedImage image, ImageResult result, ImageAnswer answer, CancellationToken cancellation)
    {
        using var stage = PipelineStage.Begin("write", [image.Job.Trace]);
        UploadName upload = image.Job.Upload;
        byte[]?[] pictures = [.. result.Faces.Select(face => face.Enhanced is { } picture ? ImageEncoder.EncodePng(picture) : null)];
        answer = Complete(answer, upload);
        var metadata = new ResultMetadata(image.UploadETag, answer.Status, answer.Faces.Count, answer.Faces.Count(face => face.Decision == "known"));
        var written = new List<(int Face, ETag Version)>();
        if (await TryWritePicturesAsync().ConfigureAwait(false)
            && await _store.TryWriteAsync(upload, answer.ToJson(), metadata, image.Former, DeleteOthersAsync, cancellation).ConfigureAwait(false) is { } version)
        {
            RecognitionMetrics.Result(metadata);
            reported.Remember(upload, version, answer, image.Read, pictures);
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
                if (await _store.TryWritePictureAsync(upload, i, png, image.UploadETag, cancellation).ConfigureAwait(false) is not { } picture)
                    return false;
                written.Add((i, picture));
            }

            return true;
        }

        // Pictures that only the result of an earlier upload had.
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

/// <summary>The upload is another one by now: what was made of the former is of no use.</summary>
internal sealed class UploadChangedException() : OperationCanceledException("The upload was replaced while it was worked on.");
