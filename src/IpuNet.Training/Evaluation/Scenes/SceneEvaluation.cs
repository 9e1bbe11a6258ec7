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

    // Photos at full size. The folder names one person of the photo: the one in the middle.
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

    private static FaceResult InTheMiddle(ImageResult<PhotoSource> image)
    {
        Vector2 middle = DecodedMemory.Use(image.Source.Photo.Path, photo => new Vector2(photo.Width / 2f, photo.Height / 2f));
        return image.Faces.MinBy(face => Vector2.Distance(Middle(face.Box), middle))!;
    }

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
        List<SceneProbe> asked = [];
        int falseFinds = 0;
        foreach (SearchedScene scene in scenes)
        {
            var (matched, rest) = Match(scene);
            asked.AddRange(matched);
            falseFinds += rest;
        }

        // The scenes hold the photos in their order: first those whose person is enrolled.
        SceneProbe[] found = [.. asked.Where(probe => probe.Face is not null)];
        float[][] plain = [.. found.Select(probe => probe.Face!.Embedding!)];
        float[][]? enhanced = _enhancing?.Run([.. found.Select(probe => probe.Face!.Aligned)]).Embeddings.ToArray();
        bool[] byPolicy = [.. found.Select(probe =>
            enhanced is not null && (models.Policy?.For(probe.Face!.SourceHeight).Enhance ?? false))];
        for (int i = 0; i < found.Length; i++)
            found[i].Slot = i;

        List<SceneNaming> naming = [];
        foreach (SceneGallery gallery in galleries)
        {
            naming.Add(Naming("policy", i => byPolicy[i] ? enhanced![i] : plain[i], i => byPolicy[i], gallery));
            if (enhanced is not null)
                naming.Add(Naming("on", i => enhanced[i], _ => true, gallery));
            naming.Add(Naming("off", i => plain[i], _ => false, gallery));
        }

        mistakes.Add(condition, height, asked);
        double[] errors = [.. found.Select(probe => probe.Error).Order()];
        return new SceneRow
        {
            Condition = condition.Name,
            Height = height,
            Scenes = scenes.Count,
            Faces = asked.Count,
            Found = Measure.Share(found.Length, asked.Count),
            FalseFinds = falseFinds,
            AlignmentError = errors is [] ? null : errors[errors.Length / 2],
            AlignmentError90 = errors is [] ? null : errors[(int)(errors.Length * 0.9)],
            Naming = naming,
        };

        SceneNaming Naming(string treatment, Func<int, float[]> embedding, Func<int, bool> isEnhanced, SceneGallery gallery)
        {
            var best = gallery.Index.SearchMany(models.Source, [.. found.Select((_, i) => embedding(i))], 2);
            var mated = new List<MatedSearch>();
            var strangers = new List<float>();
            int right = 0, wrong = 0, strangersNamed = 0;
            for (int p = 0; p < asked.Count; p++)
            {
                SceneProbe probe = asked[p];
                bool isMated = p < probes;
                // A face that is not found gets no name, and loses every comparison.
                if (probe.Face is null)
                {
                    if (isMated)
                        mated.Add(new MatedSearch(int.MaxValue, -1f));
                    else
                        strangers.Add(-1f);
                    continue;
                }

                var matches = best[probe.Slot];
                bool isKnown = models.Policy is { } policy
                    && MatchDecision.Of(matches, policy, probe.Face.SourceHeight, isEnhanced(probe.Slot)).IsKnown;
                bool isRight = isMated && matches[0].SubjectId == SubjectOf(probe.Pasted.Found.Photo.Person);
                if (!isMated)
                {
                    strangers.Add(matches[0].Score);
                    strangersNamed += isKnown ? 1 : 0;
                    continue;
                }

                mated.Add(new MatedSearch(isRight ? 1 : int.MaxValue, matches[0].Score));
                right += isKnown && isRight ? 1 : 0;
                wrong += isKnown && !isRight ? 1 : 0;
                if (treatment == "policy" && isKnown && !isRight)
                    probe.IsWrong = true;
            }

            return new SceneNaming
            {
                Treatment = treatment,
                Subjects = gallery.Subjects,
                Rank1 = Measure.Share(Identification.WithinRank(mated, 1), mated.Count),
                Right = Measure.Share(right, mated.Count),
                Wrong = Measure.Share(wrong, mated.Count),
                StrangersNamed = strangers.Count == 0 ? null : Measure.Share(strangersNamed, strangers.Count),
                DirAtFpir = strangers.Count == 0 ? null : Dir(mated, [.. strangers], options.Fpir),
            };
        }
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
        : ImageSource(Photo.Path, async stop => await File.ReadAllBytesAsync(Photo.Path, stop).ConfigureAwait(false));

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
    /// <summary>The place of the face among those that were found.</summary>
    public int Slot { get; set; }

    /// <summary>Whether it got a wrong name.</summary>
    public bool IsWrong { get; set; }
}

/// <summary>Pictures of faces that were not found or got a wrong name. A line for each condition and height.</summary>
internal sealed class Mistakes(int most)
{
    private const int Side = 96, Gap = 4;

    private readonly List<ReportPicture> _pictures = [];

    public IReadOnlyList<ReportPicture> Pictures => _pictures;

    public void Add(SceneCondition condition, int height, IReadOnlyList<SceneProbe> probes)
    {
        Add("Not found", probes.Where(probe => probe.Face is null));
        Add("Wrong name", probes.Where(probe => probe.IsWrong));

        void Add(string what, IEnumerable<SceneProbe> of)
        {
            SceneProbe[] all = [.. of];
            if (all.Length == 0 || most == 0)
                return;
            string where = string.Create(CultureInfo.InvariantCulture, $"{what}, {condition.Name}, {height} px: {all.Length:N0}");
            _pictures.Add(new ReportPicture(
                ImageEncoder.EncodePng(FaceTile.Compose([.. all.Take(most).Select(Around)], most, Gap)), "image/png", where, where));
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
