using Azure.Storage.Blobs;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Reembedding;

/// <summary>
/// The pictures that faces were enrolled from, for what the gallery kept no aligned face of, or faces that are aligned in another way now:
/// they serve as long as they are there and the same.
/// </summary>
internal sealed class EnrolledPictures(StorageAccount account, PipelineModels models, EnrolmentOptions options)
{
    /// <summary>Embeds a face from its picture.</summary>
    /// <returns>The embedding; or why there is none.</returns>
    public async Task<(SubjectEmbedding? Made, string? Fault)> EmbedAsync(SubjectEmbedding face, CancellationToken cancellation)
    {
        string image = face.Provenance.Image;
        if (
            EnrolmentImage.Parse(image, out _) is not { } parsed
                || await ReadAsync(parsed, cancellation).ConfigureAwait(false) is not { } file)
            return (null, "neither the aligned face nor the picture was kept: enrol the subject anew");
        ImageResult result = (await new ImagePipeline(models, options.Pipeline).RunAsync([ImageSource.FromBytes(image, file)], cancellation)
            .SelectMany(batch => batch).ToListAsync(cancellation).ConfigureAwait(false)).Single();
        if (result.Sha256 != face.Provenance.Sha256)
            return (null, "the picture is another one than was enrolled: enrol the subject anew");
        // The gate let the picture pass when it was enrolled; what can be otherwise now is what the detector finds.
        if (result.Faces is not [{ } only])
            return (null, $"{result.Faces.Count} faces are found in the picture now: enrol the subject anew");
        // The aligned face is not kept: a deletion that is carried out just now would not see it, and the picture will do the next time,
        // too.
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
            // Longer than may be enrolled by now.
            return null;
        }
    }
}
