using IpuNet.Faces;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Enrolment;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Reembedding;

/// <summary>
/// Has a gallery embedded by another recogniser while it is searched as it is. A subject's new embeddings stand in its record beside the former ones, so
/// that whatever changes or deletes the subject does so with both, and what is done stays done, whoever ends when. Only when every subject has
/// them, the gallery's marker says that it can be searched with the new recogniser: that is the switch.
/// </summary>
/// <param name="account">The storage account.</param>
/// <param name="models">The models; they stay the caller's.</param>
/// <param name="options">What pictures may cost, and what is kept of them.</param>
/// <param name="time">The time.</param>
public sealed class GalleryReembedding(StorageAccount account, PipelineModels models, EnrolmentOptions options, TimeProvider time)
{
    private readonly GalleryMarkers _markers = new(account, time);

    /// <summary>Re-embeds a gallery; what an earlier run did is not done again.</summary>
    /// <param name="gallery">Its name.</param>
    /// <param name="wish">What is done beside it.</param>
    /// <param name="progress">Is told after each subject; null for nobody.</param>
    /// <param name="cancellation">Stops; what is done stays done.</param>
    /// <exception cref="FaceDataException">There is no such gallery, or its marker is damaged.</exception>
    public async Task<ReembeddingReport> RunAsync(
        string gallery, ReembeddingWish wish, Func<ReembeddingProgress, ValueTask>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(wish);
        if (GalleryName.FaultOf(gallery) is { } fault)
            throw new FaceDataException($"The gallery's name {fault}. {GalleryName.Rule}");
        if (await _markers.FindAsync(gallery, cancellation).ConfigureAwait(false) is null)
            throw new FaceDataException($"There is no gallery '{gallery}'.");
        var faces = new EnrolledFaces(account, new SubjectCrops(account, gallery, time), models, options);
        var run = new ReembeddingRun(account, models, faces, gallery, wish, progress);
        // Whom others enrol meanwhile, the next round finds; the last finds nobody.
        while (await run.RoundAsync(cancellation).ConfigureAwait(false))
        {
        }

        LeftSubject[] left = [.. run.LeftBehind.OrderBy(subject => subject.SubjectId, StringComparer.Ordinal)];
        bool isReady = left.Length == 0 || wish.LeaveBehind;
        if (isReady)
        {
            await _markers.AddAsync(gallery, models.Source, wish.ForgetOthers, cancellation).ConfigureAwait(false);
            await new BlobGallery(account, gallery, time).StampAsync(cancellation).ConfigureAwait(false);
        }

        return new ReembeddingReport
        {
            Gallery = gallery,
            Recogniser = models.Source.Recogniser,
            Alignment = models.Source.Alignment,
            Subjects = run.Subjects,
            Faces = run.Faces,
            IsReady = isReady,
            LeftBehind = left,
        };
    }
}
