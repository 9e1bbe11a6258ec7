using System.Runtime.CompilerServices;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Faces;

/// <summary>
/// A gallery: the enrolled subjects in one folder. It enrols subjects and identifies faces. <see cref="FaceRecognition.OpenGallery"/> opens
/// it. Many threads may share one. Call <see cref="Reload"/> to see changes that another process made.
/// </summary>
public sealed class FaceGallery
{
    private const int Matches = 5;

    private readonly FolderGallery _folder;
    private readonly PipelineModels _models;
    private readonly ImagePipelineOptions _options;
    private readonly FaceRetention _retain;
    private readonly Lock _changing = new();
    private GalleryIndex? _index;

    internal FaceGallery(FolderGallery folder, PipelineModels models, ImagePipelineOptions options, FaceRetention retain)
    {
        (_folder, _models, _options, _retain) = (folder, models, options, retain);
        models.RequirePolicy();
    }

    /// <summary>The ids of all enrolled subjects, in ordinal order.</summary>
    public IReadOnlyList<string> Subjects => _folder.List();

    /// <summary>
    /// Enrols a subject. New faces are added to those that the subject already has. Each image must show exactly one face, and the face
    /// must be large and sharp enough.
    /// </summary>
    /// <param name="subjectId">The subject's id. <see cref="SubjectId"/> gives the rules.</param>
    /// <param name="images">The images: file paths, or any <see cref="ImageSource"/>.</param>
    /// <param name="largest">Whether to enrol the largest face of an image that shows several. Otherwise the image is refused.</param>
    /// <returns>One answer for each image, in their order: accepted, or refused with the reason. A refused image enrols nothing.</returns>
    /// <exception cref="FaceDataException">The id is not allowed, or other models embedded the gallery.</exception>
    public IReadOnlyList<EnrolledImage> Enrol(string subjectId, IReadOnlyList<ImageSource> images, bool largest = false) =>
        FaceRecognition.Wait(() => EnrolAsync(subjectId, images, largest));

    /// <inheritdoc cref="Enrol"/>
    /// <param name="subjectId">The subject's id. <see cref="SubjectId"/> gives the rules.</param>
    /// <param name="images">The images: file paths, or any <see cref="ImageSource"/>.</param>
    /// <param name="largest">Whether to enrol the largest face of an image that shows several. Otherwise the image is refused.</param>
    /// <param name="cancellation">Cancels the operation. Nothing is enrolled then.</param>
    public async Task<IReadOnlyList<EnrolledImage>> EnrolAsync(
        string subjectId, IReadOnlyList<ImageSource> images, bool largest = false, CancellationToken cancellation = default)
    {
        SubjectId.Require(subjectId);
        var judge = new EnrolmentJudge(new EnrolmentGate { TakesLargest = largest }, _models.Source);
        List<EnrolledImage> answers = [];
        List<JudgedImage> accepted = [];
        DateTimeOffset at = DateTimeOffset.UtcNow;
        var pipeline = new ImagePipeline(_models, EnrolmentJudge.PipelineOptions(_options));
        try
        {
            await foreach (var batch in pipeline.RunAsync(images, cancellation).ConfigureAwait(false))
            {
                foreach (ImageResult image in batch)
                {
                    JudgedImage judged = judge.Judge(image, at);
                    answers.Add(judged.Answer(image.Name));
                    if (judged.Embedding is null)
                        continue;
                    accepted.Add(judged);
                    if (accepted.Count % FacePack.MaxFaces == 0)
                        at = DateTimeOffset.UtcNow;
                }
            }

            if (accepted.Count > 0)
                _folder.Enrol(
                    subjectId, [.. accepted.Select(image => (image.Embedding!, image.Kept(_retain)))], replace: false, replaced: null);
        }
        finally
        {
            // What is enrolled is in the folder. A later deletion would not find these.
            foreach (JudgedImage image in accepted)
                image.Overwrite();
        }

        Reload();
        return answers;
    }

    /// <summary>Removes a subject and all of the subject's data.</summary>
    /// <param name="subjectId">The subject's id.</param>
    /// <returns>True if the subject was enrolled; false if there was no such subject.</returns>
    /// <exception cref="FaceDataException">The id is not allowed.</exception>
    public bool Delete(string subjectId)
    {
        bool existed = _folder.Delete(subjectId);
        Reload();
        return existed;
    }

    /// <summary>Identifies the faces in an image.</summary>
    /// <param name="image">The image: a file path, or any <see cref="ImageSource"/>.</param>
    /// <returns>
    /// For each face the decision ("known" or "unknown") and the five most similar subjects, best first. If the image cannot be used, the
    /// answer has no faces: its status and its reason say why.
    /// </returns>
    /// <exception cref="FaceDataException">Other models embedded the gallery.</exception>
    public ImageAnswer Identify(ImageSource image) => FaceRecognition.Wait(() => IdentifyAsync(image));

    /// <inheritdoc cref="Identify"/>
    /// <param name="image">The image: a file path, or any <see cref="ImageSource"/>.</param>
    /// <param name="cancellation">Cancels the operation.</param>
    public async Task<ImageAnswer> IdentifyAsync(ImageSource image, CancellationToken cancellation = default) =>
        await IdentifyAsync([image], cancellation).SingleAsync(cancellation).ConfigureAwait(false);

    /// <summary>Identifies the faces in many images. Decoding, detection and recognition of several images run at the same time.</summary>
    /// <param name="images">The images. The sequence is read only as fast as images are processed.</param>
    /// <param name="cancellation">Cancels the operation after the current batch.</param>
    /// <returns>One answer for each image, in their order.</returns>
    /// <exception cref="FaceDataException">Other models embedded the gallery.</exception>
    public async IAsyncEnumerable<ImageAnswer> IdentifyAsync(
        IEnumerable<ImageSource> images, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        _ = CurrentIndex(cancellation);
        await foreach (var batch in new ImagePipeline(_models, _options).RunAsync(images, cancellation).ConfigureAwait(false))
        {
            foreach (ImageAnswer answer in Search(batch, cancellation))
                yield return answer;
        }
    }

    /// <summary>
    /// Makes the next search read the folder again. The embeddings in memory are overwritten after the running searches have ended.
    /// </summary>
    public void Reload()
    {
        lock (_changing)
        {
            _index?.Clear();
            _index = null;
        }
    }

    // Reads under the lock, so that a change made during the reading causes another one.
    private GalleryIndex CurrentIndex(CancellationToken cancellation)
    {
        lock (_changing)
            return _index ??= Load(_folder, _folder.Load(cancellation), _models).Index;
    }

    private IReadOnlyList<ImageAnswer> Search(IReadOnlyList<ImageResult> images, CancellationToken cancellation)
    {
        while (true)
        {
            GalleryIndex index = CurrentIndex(cancellation);
            try
            {
                return new FaceIdentifier(index, _models).Identify(images, Matches, cancellation);
            }
            catch (InvalidOperationException) when (index != CurrentIndex(cancellation))
            {
                // The gallery changed before the search began, and a cleared index cannot be searched. Try the new index.
            }
        }
    }

    /// <summary>
    /// Builds the search index of a gallery. The embeddings that were read are overwritten, because the index has copies: what is deleted
    /// from the index is then nowhere in memory.
    /// </summary>
    /// <param name="folder">The gallery.</param>
    /// <param name="contents">Its subjects. They cannot be used afterwards.</param>
    /// <param name="models">The models that make the embeddings of the probes.</param>
    /// <returns>The index, and one error for each subject that is not in it.</returns>
    /// <exception cref="FaceDataException">
    /// Other models embedded the gallery; or there are subjects, and none of them can be used.
    /// </exception>
    public static (GalleryIndex Index, IReadOnlyList<FaceDataException> Unusable) Load(
        FolderGallery folder, GalleryContents contents, PipelineModels models)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(contents);
        ArgumentNullException.ThrowIfNull(models);
        List<FaceDataException> unusable = [];
        try
        {
            folder.RequireReady(models.Source);
            // A subject may have embeddings by other models beside those that are searched.
            var searched = contents.Subjects.Select(subject => subject.Of(models.Source) ?? subject);
            var index = GalleryIndex.Build(models.Source, models.Embedder!.Dimensions, searched, unusable);
            return index.SubjectCount == 0 && unusable.Count > 0 ? throw unusable[0] : (index, unusable);
        }
        finally
        {
            foreach (SubjectRecord subject in contents.Subjects)
                subject.Overwrite();
        }
    }
}
