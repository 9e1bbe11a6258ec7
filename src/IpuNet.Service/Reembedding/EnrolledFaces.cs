using Azure.Storage.Blobs;
using IpuNet.Faces;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Enrolment;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Reembedding;

/// <summary>
/// Brings what enrolled faces are embedded from: the aligned face that the gallery kept; where it kept none, or faces are aligned in another way
/// now, the picture that the face was enrolled from, as long as it is there and the same.
/// </summary>
internal sealed class EnrolledFaces(StorageAccount account, SubjectCrops crops, PipelineModels models, EnrolmentOptions options)
{
    /// <summary>Brings the faces of a subject that the models have not embedded.</summary>
    public async Task FetchAsync(ReembeddedSubject subject, CancellationToken cancellation)
    {
        SubjectEmbedding[] faces = [.. subject.Record.FacesWithout(models.Source)];
        IReadOnlyDictionary<SubjectEmbedding, RgbImage> kept = await crops.FindAsync(
            subject.Record.SubjectId, faces.Where(face => face.Source.Alignment == models.Source.Alignment), cancellation).ConfigureAwait(false);
        foreach (SubjectEmbedding face in faces)
        {
            if (kept.TryGetValue(face, out RgbImage? aligned))
                subject.Waiting.Add((face, aligned));
            else
                await FromPictureAsync(subject, face, cancellation).ConfigureAwait(false);
        }
    }

    private async Task FromPictureAsync(ReembeddedSubject subject, SubjectEmbedding face, CancellationToken cancellation)
    {
        string image = face.Provenance.Image;
        if (EnrolmentImage.Parse(image, out _) is not { } parsed || await ReadAsync(parsed, cancellation).ConfigureAwait(false) is not { } file)
        {
            subject.Faults.Add("neither the aligned face nor the picture was kept: enrol the subject anew");
            return;
        }

        ImageResult result = (await new ImagePipeline(models, options.Pipeline).RunAsync([ImageSource.FromBytes(image, file)], cancellation)
            .SelectMany(batch => batch).ToListAsync(cancellation).ConfigureAwait(false)).Single();
        if (result.Sha256 != face.Provenance.Sha256)
        {
            subject.Faults.Add("the picture is another one than was enrolled: enrol the subject anew");
            return;
        }

        // The gate let the picture pass when it was enrolled; what can be otherwise now is what the detector finds.
        if (result.Faces is not [{ } only])
        {
            subject.Faults.Add($"{result.Faces.Count} faces are found in the picture now: enrol the subject anew");
            return;
        }

        // The aligned face is not kept: a deletion that is carried out just now would not see it, and the picture will do the next time, too.
        subject.Made.Add(new SubjectEmbedding(models.Source, only.Embedding!, face.Provenance with { Box = only.Box }, face.EnrolledAt));
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
