using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Faces.Reembedding;

/// <summary>
/// Has a gallery in a folder embedded by another recogniser, from the aligned faces that it kept. A subject's new embeddings stand in its
/// record beside the former ones, so the gallery is searched as it is until all are done, and what is done stays done, whoever ends when.
/// </summary>
/// <param name="folder">The gallery's folder.</param>
/// <param name="models">The models; they stay the caller's.</param>
public sealed class FolderReembedding(string folder, PipelineModels models)
{
    /// <summary>Re-embeds the gallery; what an earlier run did is not done again.</summary>
    /// <param name="wish">What is done beside it.</param>
    /// <param name="progress">Is told after each subject; null for nobody.</param>
    /// <param name="cancellation">Stops; what is done stays done.</param>
    /// <exception cref="FaceDataException">The gallery's rules are damaged.</exception>
    public Task<ReembeddingReport> RunAsync(
        ReembeddingWish wish, Func<ReembeddingProgress, ValueTask>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(wish);
        // Damaged rules are found before the work, not after it.
        var gallery = new FolderGallery(folder);
        _ = gallery.ReadRules();
        return ReembeddingRun.RunAsync(new Subjects(folder, gallery, models.Source, wish), models, wish, progress, cancellation);
    }

    private sealed class Subjects(string name, FolderGallery gallery, EmbeddingSource source, ReembeddingWish wish) : IReembeddedGallery
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
            !record.FacesWithout(source).Any() && !(wish.ForgetOthers && record.Embeddings.Any(face => face.Source != source));

        private static string VersionOf(SubjectRecord record) => Convert.ToHexStringLower(SHA256.HashData(record.ToJson()));
    }
}
