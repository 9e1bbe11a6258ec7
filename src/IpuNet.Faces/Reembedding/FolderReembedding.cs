using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Faces.Reembedding;

/// <summary>
/// Embeds a gallery in a folder with another recogniser, from its kept aligned faces. The record of a subject holds its new embeddings
/// beside the old ones. So searches go on with the old ones until all subjects are done, and a stopped run loses nothing.
/// </summary>
/// <param name="folder">The folder of the gallery.</param>
/// <param name="models">The new models. The caller disposes of them.</param>
public sealed class FolderReembedding(string folder, PipelineModels models)
{
    /// <summary>Re-embeds the gallery. Subjects that an earlier run did are not done again.</summary>
    /// <param name="request">The options of the run.</param>
    /// <param name="progress">Gets the progress after each subject; null for nobody.</param>
    /// <param name="cancellation">Stops the run. Subjects that are done stay done.</param>
    /// <exception cref="FaceDataException">The rules of the gallery are damaged.</exception>
    public Task<ReembeddingReport> RunAsync(
        ReembeddingRequest request, Func<ReembeddingProgress, ValueTask>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        // Reads the rules first, so that damaged rules are found before the work.
        var gallery = new FolderGallery(folder);
        _ = gallery.ReadRules();
        return ReembeddingRun.RunAsync(new Subjects(folder, gallery, models.Source, request), models, request, progress, cancellation);
    }

    private sealed class Subjects(string name, FolderGallery gallery, EmbeddingSource source, ReembeddingRequest request)
        : IReembeddedGallery
    {
        private const int ListedAtOnce = 256;
        private const string Remedy = "enrol the subject anew with `ipunet enrol --replace`";

        public string Name => name;

        public IAsyncEnumerable<IReadOnlyList<ListedSubject>> ListAsync(CancellationToken cancellation) => gallery.List()
            .Chunk(ListedAtOnce)
            .Select(ids => (IReadOnlyList<ListedSubject>)[.. ids.Select(Listed).OfType<ListedSubject>()])
            .ToAsyncEnumerable();

        public Task<ReadSubject?> ReadAsync(string subjectId, CancellationToken cancellation) => Task.FromResult(Read(subjectId));

        public Task<IReadOnlyDictionary<SubjectEmbedding, RgbImage>> FindFacesAsync(
            string subjectId, IEnumerable<SubjectEmbedding> faces, CancellationToken cancellation) =>
            Task.FromResult(gallery.FindFaces(subjectId, faces));

        public Task<(SubjectEmbedding? Made, string? Fault)> EmbedOtherwiseAsync(SubjectEmbedding face, CancellationToken cancellation) =>
            Task.FromResult<(SubjectEmbedding?, string?)>((
                null,
                face.Source.Alignment == source.Alignment
                    ? $"the aligned face was not kept: {Remedy}"
                    : $"the face was aligned in another way, by {face.Source.Alignment}: {Remedy}"));

        public Task<string?> TryWriteAsync(ReembeddedSubject subject, SubjectRecord record, int faces, CancellationToken cancellation) =>
            Task.FromResult(gallery.TryReplace(subject.Record, record) ? VersionOf(record) : null);

        public Task NoteAsync(EmbeddingSource embedded, bool alone, CancellationToken cancellation)
        {
            gallery.NoteReembedding(embedded, alone);
            return Task.CompletedTask;
        }

        private ReadSubject? Read(string subjectId)
        {
            try
            {
                return gallery.Find(subjectId) is { } record ? new ReadSubject(VersionOf(record), record, null) : null;
            }
            catch (FaceDataException damage)
            {
                return new ReadSubject(damage.Message, null, damage);
            }
        }

        private ListedSubject? Listed(string subjectId) => Read(subjectId) is { } read
            ? new ListedSubject(subjectId, read.Version, read.Record is { } record && IsDone(record), FacesOfJob: 0)
            : null;

        private bool IsDone(SubjectRecord record) =>
            !record.FacesWithout(source).Any() && !(request.ForgetOthers && record.Embeddings.Any(face => face.Source != source));

        private static string VersionOf(SubjectRecord record) => Convert.ToHexStringLower(SHA256.HashData(record.ToJson()));
    }
}
