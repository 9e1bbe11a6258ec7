using Azure.Storage.Blobs;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Reembedding;

/// <summary>
/// Embeds faces from the images that they were enrolled from. A re-embedding needs this if the gallery kept no aligned face, or if the new
/// models use another alignment. It works only while the image is still there and unchanged.
/// </summary>
internal sealed class EnrolledPictures(StorageAccount account, PipelineModels models, EnrolmentOptions options)
{
    /// <summary>Embeds a face from its image.</summary>
    /// <returns>The embedding, or the reason why there is none.</returns>
    public async Task<(SubjectEmbedding? Made, string? Fault)> EmbedAsync(SubjectEmbedding face, CancellationToken cancellation)
    {
        string image = face.Provenance.Image;
        if (
            EnrolmentImage.Parse(image, out _) is not { } parsed
                || await ReadAsync(parsed, cancellation).ConfigureAwait(false) is not { } file)
            return (null, "neither the aligned face nor the image was kept: enrol the subject again");
        ImageResult result = (await new ImagePipeline(models, options.Pipeline).RunAsync([ImageSource.FromBytes(image, file)], cancellation)
            .SelectMany(batch => batch).ToListAsync(cancellation).ConfigureAwait(false)).Single();
        if (result.Sha256 != face.Provenance.Sha256)
            return (null, "the image is not the one that was enrolled: enrol the subject again");
        // The image passed the enrolment gate before. Only the detector can see it differently now.
        if (result.Faces is not [{ } only])
            return (null, $"{result.Faces.Count} faces are found in the image now: enrol the subject again");
        // The aligned face is not kept, because a deletion at the same time would not see it. The next run can use the image again.
        var made = new SubjectEmbedding(models.Source, only.Embedding!, face.Provenance with { Box = only.Box }, face.EnrolledAt);
        return (made, null);
    }

    private async Task<byte[]?> ReadAsync(EnrolmentImage image, CancellationToken cancellation)
    {
        try
        {
            BlobClient blob = account.Container(image.Container).GetBlobClient(image.Blob);
            return (await blob.TryReadAsync(options.MaxImageBytes, cancellation).ConfigureAwait(false))?.Content;
        }
        catch (FaceDataException)
        {
            // The limit for images is lower now than when the image was enrolled.
            return null;
        }
    }
}
