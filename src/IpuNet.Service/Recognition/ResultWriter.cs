using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Intake;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Recognition;

/// <summary>Writes what became of an image: first the pictures of its faces, then the result, which says that all is done.</summary>
internal sealed class ResultWriter(StorageAccount account)
{
    private readonly BlobContainerClient _results = account.Container(StorageNames.Results);
    private readonly ResultStore _store = new(account);

    /// <exception cref="UploadChangedException">The upload has changed, and somebody has written a result of it.</exception>
    public async Task WriteAsync(FetchedImage image, ImageResult result, ImageAnswer answer, CancellationToken cancellation)
    {
        using var stage = PipelineStage.Begin("write", [image.Job.Trace]);
        UploadName upload = image.Job.Upload;
        for (int i = 0; i < result.Faces.Count; i++)
        {
            if (result.Faces[i].Enhanced is { } picture)
                await WritePictureAsync(StorageNames.FacePicture(upload.Batch, upload.File, i), picture, cancellation).ConfigureAwait(false);
        }

        // Pictures that only the result of an earlier upload had.
        for (int i = 0; i < image.FormerFaces; i++)
        {
            if (i >= result.Faces.Count || result.Faces[i].Enhanced is null)
                await _results.GetBlobClient(StorageNames.FacePicture(upload.Batch, upload.File, i)).DeleteIfExistsAsync(cancellationToken: cancellation).ConfigureAwait(false);
        }

        var metadata = new ResultMetadata(image.UploadETag, answer.Status, answer.Faces.Count, answer.Faces.Count(face => face.Decision == "known"));
        if (!await _store.TryWriteAsync(upload, Complete(answer, upload).ToJson(), metadata, image.FormerETag, cancellation).ConfigureAwait(false))
            throw new UploadChangedException();
        RecognitionMetrics.Result(metadata);
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

    private async Task WritePictureAsync(string name, RgbImage picture, CancellationToken cancellation)
    {
        var options = new BlobUploadOptions { HttpHeaders = new BlobHttpHeaders { ContentType = "image/png" } };
        await _results.GetBlobClient(name).UploadAsync(BinaryData.FromBytes(ImageEncoder.EncodePng(picture)), options, cancellation).ConfigureAwait(false);
    }
}

/// <summary>The upload is another one by now: what was made of the former is of no use.</summary>
internal sealed class UploadChangedException() : OperationCanceledException("The upload was replaced while it was worked on.");
