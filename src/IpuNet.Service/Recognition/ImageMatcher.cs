using IpuNet.Faces;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Galleries;
using IpuNet.Service.Messages;

namespace IpuNet.Service.Recognition;

/// <summary>Says whose the faces of images are, of each image by the gallery that it asks for.</summary>
internal sealed class ImageMatcher(PipelineModels models, GalleryCache galleries, int matches)
{
    /// <summary>Makes sure that a gallery can be searched.</summary>
    /// <exception cref="JobRefusedException">It is not there, or embedded by other models.</exception>
    public Task RequireAsync(string gallery, CancellationToken cancellation) => IdentifierAsync(gallery, cancellation);

    /// <summary>Identifies images that all ask for one gallery.</summary>
    /// <exception cref="JobRefusedException">It is not there, or embedded by other models.</exception>
    public async Task<IReadOnlyList<ImageAnswer>> IdentifyAsync(string gallery, IReadOnlyList<ImageResult> images, CancellationToken cancellation)
    {
        using var stage = PipelineStage.Begin("match", images.Select(image => ((FetchedImage)image.Tag!).Job.Trace));
        FaceIdentifier identifier = await IdentifierAsync(gallery, cancellation).ConfigureAwait(false);
        return identifier.Identify(images, matches, cancellation);
    }

    private async Task<FaceIdentifier> IdentifierAsync(string gallery, CancellationToken cancellation)
    {
        if (GalleryName.FaultOf(gallery) is { } fault)
            throw new JobRefusedException("gallery", $"The gallery's name {fault}. {GalleryName.Rule}");
        try
        {
            GalleryIndex index = await galleries.GetAsync(gallery, models.Source, models.Embedder!.Dimensions, cancellation).ConfigureAwait(false)
                ?? throw new JobRefusedException("gallery", $"There is no gallery '{gallery}'. Enrol somebody into it, then send the message again with `ipunet poison requeue`.");
            return new FaceIdentifier(index, models);
        }
        catch (FaceDataException error)
        {
            throw new JobRefusedException("gallery", $"Gallery '{gallery}' cannot be searched: {error.Message}", error);
        }
    }
}
