using System.Globalization;
using System.Numerics;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Enhancement;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Recognition;
using IpuNet.Faces.Reports;
using IpuNet.Training.Evaluation.Metrics;

namespace IpuNet.Training.Evaluation.Scenes;

/// <summary>
/// Measures what a user does: small faces in whole pictures are found, straightened, super-resolved, embedded and searched in a gallery of
/// full-size photos, all by the pipeline that serves.
/// </summary>
/// <param name="models">The models under evaluation, with a recogniser. The caller keeps and disposes them.</param>
public sealed class SceneEvaluation(PipelineModels models)
{
    private readonly FaceEnhancingEmbedder? _enhancing =
        models.Enhancer is { } enhancer ? new FaceEnhancingEmbedder(enhancer, models.Embedder!) : null;

    /// <summary>Runs the evaluation.</summary>
    /// <param name="protocol">Who is enrolled, and the probes.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="progress">Gets the number of photos and faces that are done.</param>
    /// <param name="cancellation">Stops between batches.</param>
    /// <exception cref="FaceDataException">A photo cannot be read, or no person in question can be enrolled.</exception>
    public async Task<SceneReport> RunAsync(
        SceneProtocol protocol, SceneOptions? options = null, IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        options ??= new();
        int photos = protocol.Enrolled.Count + protocol.Probes.Count + protocol.Strangers.Count;
        int shown = protocol.Probes.Count + protocol.Strangers.Count;
        int frames = options.Conditions.Count(condition => condition.Crop is null) * options.EmptyFrames;
        var work = new Work(progress, photos + frames + options.Conditions.Count * options.Heights.Count * shown);

        var enrolled = await FindAsync(protocol.Enrolled, work, cancellation).ConfigureAwait(false);
        var probes = await FindAsync(protocol.Probes, work, cancellation).ConfigureAwait(false);
        var strangers = await FindAsync(protocol.Strangers, work, cancellation).ConfigureAwait(false);
        int[] subjects = [.. enrolled.Select(face => face.Found.Photo.Person).Distinct()];
        (FoundPhoto Found, float[] _)[] sought = [.. probes.Where(probe => subjects.Contains(probe.Found.Photo.Person))];
        if (sought.Length == 0)
            throw new FaceDataException($"{protocol.Name}: nobody can be enrolled and has a probe with a face. Name other photos.");
        SceneGallery[] galleries = [.. options.Galleries.Select(size => Math.Min(size, subjects.Length)).Distinct().Order()
            .Select(size => Gallery(enrolled, [.. subjects.Order().Take(size)]))];

        FoundPhoto[] all = [.. sought.Select(probe => probe.Found), .. strangers.Select(probe => probe.Found)];
        var composer = new SceneComposer(options.Seed);
        var mistakes = new Mistakes(options.Pictures);
        List<SceneRow> rows = [];
        List<EmptyFramesRow> empty = [];
        foreach (SceneCondition condition in options.Conditions)
        {
            if (condition.Crop is null && options.EmptyFrames > 0)
            {
                var searched = await SearchAsync(composer.Empty(all, options.EmptyFrames, condition), work, cancellation)
                    .ConfigureAwait(false);
                empty.Add(new EmptyFramesRow(condition.Name, searched.Count, searched.Sum(frame => frame.Faces.Count)));
            }

            foreach (int height in options.Heights)
            {
                var scenes = await SearchAsync(composer.Compose(all, height, condition), work, cancellation).ConfigureAwait(false);
                rows.Add(Row(condition, height, scenes, sought.Length, galleries, options, mistakes));
            }
        }

        return new SceneReport
        {
            Protocol = protocol.Name,
            Recogniser = models.Embedder!.Id,
            Enhancer = models.Enhancer?.Id,
            Alignment = models.Source.Alignment,
            ImagesWithoutFace = photos - enrolled.Length - probes.Length - strangers.Length,
            Probes = sought.Length,
            Strangers = strangers.Length,
            Rows = rows,
            EmptyFrames = empty,
            Mistakes = mistakes.Pictures,
        };
    }

    // Photos at full size.
    private async Task<(FoundPhoto Found, float[] Embedding)[]> FindAsync(
        IReadOnlyList<ScenePhoto> photos, Work work, CancellationToken cancellation)
    {
        List<(FoundPhoto, float[])> found = [];
        var pipeline = new ImagePipeline(models, EnrolmentJudge.PipelineOptions(new() { Faces = FaceDetectionMode.Detect }));
        await foreach (var batch in pipeline.RunAsync(photos.Select(photo => new PhotoSource(photo)), cancellation).ConfigureAwait(false))
        {
            foreach (ImageResult<PhotoSource> image in batch)
            {
                work.Add(1);
                if (image.Status is ImageStatus.Rejected or ImageStatus.Failed)
                    throw new FaceDataException($"{image.Name}: {image.Reason}");
                if (image.Faces.Count == 0)
                    continue;
                FaceResult own = image.Faces is [var only] ? only : InTheMiddle(image);
                found.Add((
                    new FoundPhoto(
                        image.Source.Photo, own.Located, [.. image.Faces.Where(face => face != own).Select(face => face.Box)]),
                    own.Embedding!));
            }
        }

        return [.. found];
    }

    private static FaceResult InTheMiddle(ImageResult<PhotoSource> image) => DecodedMemory.Use(
        image.Source.Photo.Path,
        photo => EvaluationAlignment.InTheMiddle(image.Faces, face => face.Box, photo.Width, photo.Height)!);

    private SceneGallery Gallery((FoundPhoto Found, float[] Embedding)[] enrolled, int[] people)
    {
        DateTimeOffset at = DateTimeOffset.UnixEpoch;
        var subjects = people.Select(person => new SubjectRecord(
            SubjectOf(person),
            [
                .. enrolled.Where(face => face.Found.Photo.Person == person).Select((face, i) => new SubjectEmbedding(
                    models.Source, face.Embedding,
                    new EnrolmentProvenance(
                        face.Found.Photo.Path, string.Create(CultureInfo.InvariantCulture, $"{i:x64}"), face.Found.Face.Box,
                        new EnrolmentQuality(face.Found.Face.SourceHeight, 0)),
                    at)),
            ],
            at));
        return new SceneGallery(people.Length, GalleryIndex.Build(models.Source, models.Embedder!.Dimensions, subjects));
    }

    private static string SubjectOf(int person) => string.Create(CultureInfo.InvariantCulture, $"p{person}");

    private async Task<List<SearchedScene>> SearchAsync(IEnumerable<Scene> scenes, Work work, CancellationToken cancellation)
    {
        List<SearchedScene> searched = [];
        var pipeline = new ImagePipeline(models, EnrolmentJudge.PipelineOptions(new()));
        var sources = scenes.Select((scene, i) => new SceneSource(scene, i));
        await foreach (var batch in pipeline.RunAsync(sources, cancellation).ConfigureAwait(false))
        {
            foreach (ImageResult<SceneSource> image in batch)
            {
                Scene scene = image.Source.Scene;
                searched.Add(new SearchedScene(scene, image.Faces));
                work.Add(Math.Max(1, scene.Faces.Count));
            }
        }

        return searched;
    }

    private SceneRow Row(
        SceneCondition condition, int height, List<SearchedScene> scenes, int probes, SceneGallery[] galleries, SceneOptions options,
        Mistakes mistakes)
    {
        var matches = scenes.Select(Match).ToList();
        // The scenes hold the photos in their order: first those whose person is enrolled.
        SceneProbe[] asked = Enhance([.. matches.SelectMany(match => match.Probes)]);
        SceneProbe[] found = [.. asked.Where(probe => probe.Face is not null)];
        EnhanceChoice[] treatments =
            [EnhanceChoice.Auto, .. models.Enhancer is null ? [] : (EnhanceChoice[])[EnhanceChoice.On], EnhanceChoice.Off];
        var wrong = new HashSet<SceneProbe>(ReferenceEqualityComparer.Instance);
        SceneNaming[] naming =
            [.. galleries.SelectMany(gallery => treatments.Select(treatment => Naming(treatment, gallery)))];

        mistakes.Add(condition, height, asked, wrong);
        double[] errors = [.. found.Select(probe => probe.Error).Order()];
        return new SceneRow
        {
            Condition = condition.Name,
            Height = height,
            Scenes = scenes.Count,
            Faces = asked.Length,
            Found = Measure.Share(found.Length, asked.Length),
            FalseFinds = matches.Sum(match => match.FalseFinds),
            AlignmentError = errors is [] ? null : errors[errors.Length / 2],
            AlignmentError90 = errors is [] ? null : errors[(int)(errors.Length * 0.9)],
            Naming = naming,
        };

        SceneNaming Naming(EnhanceChoice treatment, SceneGallery gallery)
        {
            var best = new Queue<IReadOnlyList<GalleryMatch>>(gallery.Index.SearchMany(
                models.Source, [.. found.Select(probe => IsEnhanced(probe) ? probe.Enhanced! : probe.Face!.Embedding!)], count: 2));
            var mated = new List<MatedSearch>();
            var strangers = new List<float>();
            int right = 0, wronglyNamed = 0, strangersNamed = 0;
            for (int i = 0; i < asked.Length; i++)
            {
                SceneProbe probe = asked[i];
                // A face that is not found gets no name, and loses every comparison.
                IReadOnlyList<GalleryMatch> candidates = probe.Face is null ? [] : best.Dequeue();
                float score = probe.Face is null ? -1f : candidates[0].Score;
                bool isKnown = probe.Face is { } face && models.Policy is { } policy
                    && MatchDecision.Of(candidates, policy, face.SourceHeight, IsEnhanced(probe)).IsKnown;
                if (i >= probes)
                {
                    strangers.Add(score);
                    strangersNamed += isKnown ? 1 : 0;
                    continue;
                }

                bool isRight = candidates is [var first, ..] && first.SubjectId == SubjectOf(probe.Pasted.Found.Photo.Person);
                mated.Add(new MatedSearch(isRight ? 1 : int.MaxValue, score));
                right += isKnown && isRight ? 1 : 0;
                wronglyNamed += isKnown && !isRight ? 1 : 0;
                if (treatment == EnhanceChoice.Auto && isKnown && !isRight)
                    wrong.Add(probe);
            }

            return new SceneNaming
            {
                Treatment = SceneNaming.NameOf(treatment),
                Subjects = gallery.Subjects,
                Rank1 = Measure.Share(Identification.WithinRank(mated, 1), mated.Count),
                Right = Measure.Share(right, mated.Count),
                Wrong = Measure.Share(wronglyNamed, mated.Count),
                StrangersNamed = strangers.Count == 0 ? null : Measure.Share(strangersNamed, strangers.Count),
                DirAtFpir = strangers.Count == 0 ? null : Dir(mated, [.. strangers], options.Fpir),
            };

            bool IsEnhanced(SceneProbe probe) => models.Enhances(probe.Face!.SourceHeight, treatment);
        }
    }

    // One batch super-resolves and embeds all faces.
    private SceneProbe[] Enhance(SceneProbe[] probes)
    {
        if (_enhancing is null)
            return probes;
        RgbImage[] faces = [.. probes.Select(probe => probe.Face?.Aligned).OfType<RgbImage>()];
        var enhanced = new Queue<float[]>(_enhancing.Run(faces).Embeddings);
        return [.. probes.Select(probe => probe.Face is null ? probe : probe with { Enhanced = enhanced.Dequeue() })];
    }

    private static DirAtFpir Dir(List<MatedSearch> mated, float[] strangers, double fpir)
    {
        OpenSetPoint point = Identification.DirAtFpir(mated, strangers, fpir);
        return new DirAtFpir(
            fpir, Measure.Share(point.Detected, point.Mated), point.Threshold, FarThreshold.IsMeasurable(strangers.Length, fpir));
    }

    // The nearest face is the photo's, if its middle lies in the inner half of the photo's face. Other faces of the photo are no mistakes.
    private static (List<SceneProbe> Probes, int FalseFinds) Match(SearchedScene scene)
    {
        HashSet<FaceResult> unclaimed = [.. scene.Faces];
        List<SceneProbe> probes = [];
        foreach (PastedFace pasted in scene.Scene.Faces)
        {
            Vector2 middle = Middle(pasted.ToScene);
            float side = pasted.ToScene.Scale * FaceAligner.Size;
            FaceResult? nearest = unclaimed.MinBy(face => Vector2.Distance(Middle(face.Located.ToImage), middle));
            bool isIt = nearest is not null && Vector2.Distance(Middle(nearest.Located.ToImage), middle) < side / 2
                && nearest.SourceHeight > side / 2 && nearest.SourceHeight < side * 2;
            if (isIt)
                unclaimed.Remove(nearest!);
            probes.Add(new SceneProbe(
                pasted, scene.Scene, isIt ? nearest : null, isIt ? ErrorOf(nearest!.Located.ToImage, pasted.ToScene) : double.NaN));
        }

        unclaimed.RemoveWhere(face => scene.Scene.Faces.SelectMany(pasted => pasted.Others).Any(other => IsIn(Middle(face.Box), other)));
        return (probes, unclaimed.Count);
    }

    private static Vector2 Middle(SimilarityTransform toImage) => toImage.Apply(new Vector2(FaceAligner.Size / 2f));

    private static Vector2 Middle(FaceBox box) => new(box.X + box.Width / 2, box.Y + box.Height / 2);

    private static bool IsIn(Vector2 point, FaceBox box) =>
        point.X >= box.X && point.X <= box.Right && point.Y >= box.Y && point.Y <= box.Bottom;

    // Mean distance of the chip's landmarks, as a share of the face's side.
    private static double ErrorOf(SimilarityTransform found, SimilarityTransform truth)
    {
        Vector2[] points = DlibChip.PointsFor(FaceAligner.Size);
        return points.Average(point => Vector2.Distance(found.Apply(point), truth.Apply(point))) / (truth.Scale * FaceAligner.Size);
    }

    private sealed record PhotoSource(ScenePhoto Photo)
        : ImageSource(FromFile(Photo.Path));

    private sealed record SceneSource(Scene Scene, int Number)
        : ImageSource(string.Create(CultureInfo.InvariantCulture, $"scene {Number}"), _ => Task.FromResult(Scene.File));

    private sealed record SearchedScene(Scene Scene, IReadOnlyList<FaceResult> Faces);

    private sealed record SceneGallery(int Subjects, GalleryIndex Index);

    private sealed class Work(IProgress<EvaluationProgress>? progress, int total)
    {
        private int _done;

        public void Add(int count) => progress?.Report(new(_done += count, total));
    }
}

/// <summary>A probe in a scene, and the face that was found for it.</summary>
/// <param name="Pasted">The photo.</param>
/// <param name="Scene">The scene.</param>
/// <param name="Face">The face; null if none was found there.</param>
/// <param name="Error">The error of the alignment, as a share of the face's side.</param>
internal sealed record SceneProbe(PastedFace Pasted, Scene Scene, FaceResult? Face, double Error)
{
    /// <summary>The embedding of the super-resolved face; null if none was found, or without an enhancer.</summary>
    public float[]? Enhanced { get; init; }
}

/// <summary>Pictures of faces that were not found or got a wrong name. A line for each condition and height.</summary>
internal sealed class Mistakes(int most)
{
    private const int Side = 96, Gap = 4;

    private readonly List<ReportPicture> _pictures = [];

    public IReadOnlyList<ReportPicture> Pictures => _pictures;

    public void Add(
        SceneCondition condition, int height, IReadOnlyList<SceneProbe> probes, IReadOnlySet<SceneProbe> wrong)
    {
        Add("Not found", probes.Where(probe => probe.Face is null));
        Add("Wrong name", probes.Where(wrong.Contains));

        void Add(string what, IEnumerable<SceneProbe> of)
        {
            SceneProbe[] all = [.. of];
            if (all.Length == 0 || most == 0)
                return;
            string where = string.Create(CultureInfo.InvariantCulture, $"{what}, {condition.Name}, {height} px: {all.Length:N0}");
            byte[] strip = ImageEncoder.EncodePng(FaceTile.Compose([.. all.Take(most).Select(Around)], most, Gap));
            _pictures.Add(new ReportPicture(strip, "image/png", where, Mark: null, where));
        }
    }

    // Twice the face's square, each pixel enlarged.
    private static RgbImage Around(SceneProbe probe)
    {
        Vector2 middle = probe.Pasted.ToScene.Apply(new Vector2(FaceAligner.Size / 2f));
        int side = Math.Max(4, (int)MathF.Round(2 * probe.Pasted.ToScene.Scale * FaceAligner.Size));
        RgbImage part = probe.Scene.Pixels.Crop((int)(middle.X - side / 2f), (int)(middle.Y - side / 2f), side, side);
        return Resampler.Resize(part, Side, Side, ResampleFilter.Area);
    }
}
