using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Telemetry;
using IpuNet.Service.Galleries;
using IpuNet.Service.Models;

namespace IpuNet.Service.Recognition;

/// <summary>Identifies the faces of images, each in the gallery that its message names.</summary>
internal sealed class ImageMatcher(ServingModels serving, GalleryCache galleries, int matches)
{
    /// <summary>Checks that a gallery can be searched.</summary>
    /// <exception cref="JobRefusedException">The gallery does not exist, or was embedded by other models.</exception>
    public async Task RequireAsync(string gallery, CancellationToken cancellation)
    {
        using ModelLease lease = serving.Borrow();
        await IdentifierAsync(lease.Models, gallery, cancellation).ConfigureAwait(false);
    }

    /// <summary>Identifies images of one gallery.</summary>
    /// <param name="models">The models that recognised the images.</param>
    /// <param name="gallery">The gallery.</param>
    /// <param name="images">The images.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    /// <exception cref="JobRefusedException">The gallery does not exist, or was embedded by other models.</exception>
    public async Task<IReadOnlyList<ImageAnswer>> IdentifyAsync(
        PipelineModels models, string gallery, IReadOnlyList<ImageResult<FetchedImage>> images, CancellationToken cancellation)
    {
        using var stage = PipelineStage.Begin("match", images.Select(image => image.Source.Trace));
        FaceIdentifier identifier = await IdentifierAsync(models, gallery, cancellation).ConfigureAwait(false);
        IReadOnlyList<ImageAnswer> answers = identifier.Identify(images, matches, cancellation);
        DriftMetrics.Record(answers, models.RequirePolicy());
        return answers;
    }

    private async Task<FaceIdentifier> IdentifierAsync(PipelineModels models, string gallery, CancellationToken cancellation)
    {
        try
        {
            GalleryIndex index = await galleries.GetAsync(
                gallery, models.Source, models.Embedder!.Dimensions, cancellation).ConfigureAwait(false)
                ?? throw new JobRefusedException(
                    "gallery",
                    $"There is no gallery '{gallery}'. Enrol a subject into it, then send the message again with `ipunet poison requeue`.");
            return new FaceIdentifier(index, models);
        }
        catch (FaceDataException error)
        {
            throw new JobRefusedException("gallery", $"Gallery '{gallery}' cannot be searched: {error.Message}", error);
        }
    }
}
