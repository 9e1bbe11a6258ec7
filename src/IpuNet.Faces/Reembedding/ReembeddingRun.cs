using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reports;

namespace IpuNet.Faces.Reembedding;

/// <summary>
/// One run of a re-embedding, in a folder or in storage. It keeps a list of the subjects that are done, with their versions, and of those
/// that cannot be done. The record of a subject holds its new embeddings beside the old ones. When all subjects have the new embeddings,
/// the rules of the gallery name the new source. From then on, the gallery can be searched with the new recogniser.
/// </summary>
public sealed class ReembeddingRun
{
    private const int Transfers = 8, FacesEach = 16, SubjectsAhead = 2 * FacesEach;

    private readonly IReembeddedGallery _gallery;
    private readonly PipelineModels _models;
    private readonly ReembeddingRequest _request;
    private readonly Func<ReembeddingProgress, ValueTask>? _progress;
    private readonly EmbeddingSource _source;
    private readonly ConcurrentDictionary<string, string> _done = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LeftSubject> _left = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _faces = new(StringComparer.Ordinal);
    private int _subjects;
    private int _faceCount;

    private ReembeddingRun(
        IReembeddedGallery gallery, PipelineModels models, ReembeddingRequest request, Func<ReembeddingProgress, ValueTask>? progress) =>
        (_gallery, _models, _request, _progress, _source) = (gallery, models, request, progress, models.Source);

    /// <summary>Re-embeds a gallery. Subjects that an earlier run did are not done again.</summary>
    /// <param name="gallery">The gallery.</param>
    /// <param name="models">The new models. The caller disposes of them.</param>
    /// <param name="request">The options of the run.</param>
    /// <param name="progress">Gets the progress after each subject; null for nobody.</param>
    /// <param name="cancellation">Stops the run. Subjects that are done stay done.</param>
    public static async Task<ReembeddingReport> RunAsync(
        IReembeddedGallery gallery, PipelineModels models, ReembeddingRequest request, Func<ReembeddingProgress, ValueTask>? progress,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(gallery);
        ArgumentNullException.ThrowIfNull(models);
        ArgumentNullException.ThrowIfNull(request);
        var run = new ReembeddingRun(gallery, models, request, progress);
        // Subjects that were enrolled during a round are found by the next round. The last round finds nothing to do.
        while (await run.RoundAsync(cancellation).ConfigureAwait(false))
        {
        }

        LeftSubject[] left = [.. run._left.Values.OrderBy(subject => subject.SubjectId, StringComparer.Ordinal)];
        bool isReady = left.Length == 0 || request.LeaveBehind;
        if (isReady)
            await gallery.NoteAsync(models.Source, request.ForgetOthers, cancellation).ConfigureAwait(false);
        return new ReembeddingReport
        {
            Gallery = gallery.Name,
            Recogniser = models.Source.Recogniser,
            Alignment = models.Source.Alignment,
            Subjects = run._subjects,
            Faces = run._faces.Values.Sum(),
            IsReady = isReady,
            LeftBehind = left,
        };
    }

    // Returns false if there was nothing to do.
    private async Task<bool> RoundAsync(CancellationToken cancellation)
    {
        var present = new HashSet<string>(StringComparer.Ordinal);
        int open = 0;
        await WorkAsync(OpenAsync(cancellation), cancellation).ConfigureAwait(false);
        foreach (string gone in _left.Keys.Where(subjectId => !present.Contains(subjectId)))
            _left.TryRemove(gone, out _);
        return open > 0;

        async IAsyncEnumerable<string> OpenAsync([EnumeratorCancellation] CancellationToken stop)
        {
            await foreach (IReadOnlyList<ListedSubject> subjects in _gallery.ListAsync(stop).ConfigureAwait(false))
            {
                present.UnionWith(subjects.Select(subject => subject.SubjectId));
                _subjects = Math.Max(_subjects, present.Count);
                foreach (ListedSubject subject in subjects)
                {
                    stop.ThrowIfCancellationRequested();
                    if (subject.FacesOfJob > 0)
                        _faces[subject.SubjectId] = subject.FacesOfJob;
                    if (subject.IsDone)
                        _done[subject.SubjectId] = subject.Version;
                    if (_done.TryGetValue(subject.SubjectId, out string? done) && done == subject.Version)
                        continue;
                    open++;
                    _left.TryRemove(subject.SubjectId, out _);
                    yield return subject.SubjectId;
                }
            }

            _subjects = present.Count;
        }
    }

    private async Task WorkAsync(IAsyncEnumerable<string> open, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // The listing does not wait for the other stages, so the number of subjects is known soon.
        var listed = Channel.CreateUnbounded<string>();
        var fetched = Channel.CreateBounded<ReembeddedSubject>(SubjectsAhead);
        var embedded = Channel.CreateBounded<ReembeddedSubject>(SubjectsAhead);
        await Task.WhenAll(
            StageAsync(() => ListAsync(open, listed.Writer, stop.Token), listed.Writer),
            StageAsync(
                () => InParallelAsync(
                    listed.Reader.ReadAllAsync(stop.Token), subjectId => FetchAsync(subjectId, fetched.Writer, stop.Token), stop.Token),
                fetched.Writer),
            StageAsync(() => EmbedAsync(fetched.Reader, embedded.Writer, stop.Token), embedded.Writer),
            StageAsync<ReembeddedSubject>(
                () => InParallelAsync(embedded.Reader.ReadAllAsync(stop.Token), subject => WriteAsync(subject, stop.Token), stop.Token),
                null)).ConfigureAwait(false);

        // An error in one stage stops all stages.
        async Task StageAsync<T>(Func<Task> stage, ChannelWriter<T>? writer)
        {
            try
            {
                await Task.Run(stage, CancellationToken.None).ConfigureAwait(false);
                writer?.Complete();
            }
            catch
            {
                await stop.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    private static async Task ListAsync(IAsyncEnumerable<string> open, ChannelWriter<string> writer, CancellationToken cancellation)
    {
        await foreach (string name in open.WithCancellation(cancellation).ConfigureAwait(false))
            await writer.WriteAsync(name, cancellation).ConfigureAwait(false);
    }

    private static Task InParallelAsync<T>(IAsyncEnumerable<T> items, Func<T, Task> work, CancellationToken cancellation) =>
        Parallel.ForEachAsync(
        items, new ParallelOptions { MaxDegreeOfParallelism = Transfers, CancellationToken = cancellation },
        async (item, _) => await work(item).ConfigureAwait(false));

    private async Task FetchAsync(string subjectId, ChannelWriter<ReembeddedSubject> writer, CancellationToken cancellation)
    {
        if (await _gallery.ReadAsync(subjectId, cancellation).ConfigureAwait(false) is not { } read)
            return;
        try
        {
            if (read.Record is not { } record)
                throw read.Damage!;
            if (record.Of(_source) is { } embedded && embedded.Embeddings[0].Vector.Length != _models.Embedder!.Dimensions)
                throw new FaceDataException(
                    $"The subject '{subjectId}' is not usable: its embeddings by {_source} have {embedded.Embeddings[0].Vector.Length} "
                    + $"numbers, not {_models.Embedder.Dimensions}. Delete the subject and enrol it again.");
            var subject = new ReembeddedSubject(record, read.Version);
            await FetchFacesAsync(subject, cancellation).ConfigureAwait(false);
            await writer.WriteAsync(subject, cancellation).ConfigureAwait(false);
        }
        catch (FaceDataException damaged)
        {
            await EndAsync(subjectId, read.Version, damaged.Message, cancellation).ConfigureAwait(false);
        }
    }

    // A face is embedded from its kept aligned face. If there is none, the gallery decides what else it can do.
    private async Task FetchFacesAsync(ReembeddedSubject subject, CancellationToken cancellation)
    {
        SubjectEmbedding[] faces = [.. subject.Record.FacesWithout(_source)];
        IReadOnlyDictionary<SubjectEmbedding, RgbImage> kept = await _gallery.FindFacesAsync(
            subject.Record.SubjectId, faces.Where(face => face.Source.Alignment == _source.Alignment), cancellation).ConfigureAwait(false);
        foreach (SubjectEmbedding face in faces)
        {
            if (kept.TryGetValue(face, out RgbImage? aligned))
            {
                subject.Waiting.Add((face, aligned));
                continue;
            }

            var (made, fault) = await _gallery.EmbedOtherwiseAsync(face, cancellation).ConfigureAwait(false);
            if (made is not null)
                subject.Made.Add(made);
            else
                subject.Faults.Add(fault!);
        }
    }

    private async Task EmbedAsync(
        ChannelReader<ReembeddedSubject> reader, ChannelWriter<ReembeddedSubject> writer, CancellationToken cancellation)
    {
        List<ReembeddedSubject> batch = [];
        while (await reader.WaitToReadAsync(cancellation).ConfigureAwait(false))
        {
            while (batch.Sum(subject => subject.Waiting.Count) < FacesEach && reader.TryRead(out ReembeddedSubject? subject))
                batch.Add(subject);
            Embed(batch);
            foreach (ReembeddedSubject subject in batch)
                await writer.WriteAsync(subject, cancellation).ConfigureAwait(false);
            batch.Clear();
        }
    }

    private void Embed(List<ReembeddedSubject> batch)
    {
        var waiting = batch.SelectMany(subject => subject.Waiting.Select(face => (Subject: subject, face.Face, face.Aligned))).ToArray();
        float[][] vectors = _models.Embedder!.Embed([.. waiting.Select(face => face.Aligned)]);
        foreach (var ((subject, face, _), vector) in waiting.Zip(vectors))
            subject.Made.Add(new SubjectEmbedding(_source, vector, face.Provenance, face.EnrolledAt));
    }

    private async Task WriteAsync(ReembeddedSubject subject, CancellationToken cancellation)
    {
        string subjectId = subject.Record.SubjectId;
        SubjectRecord next = subject.Record.Reembedded(subject.Made);
        if (_request.ForgetOthers)
            next = next.WithoutOthers(_source);
        int count = _faces.GetValueOrDefault(subjectId) + subject.Made.Count;
        string? written = ReferenceEquals(next, subject.Record)
            ? subject.Version
            : await _gallery.TryWriteAsync(subject, next, count, cancellation).ConfigureAwait(false);
        // If another writer changed the subject meanwhile, the next round does it again.
        if (written is not { } version)
            return;
        _faces[subjectId] = count;
        Interlocked.Add(ref _faceCount, subject.Made.Count);
        string? fault = subject.Faults.Count == 0
            ? null
            : $"{Counted.Of(subject.Faults.Count, subject.Faults.Count + subject.Made.Count, "face")}: "
                + string.Join("; ", subject.Faults.Distinct());
        await EndAsync(subjectId, version, fault, cancellation).ConfigureAwait(false);
    }

    private async Task EndAsync(string subjectId, string version, string? fault, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _done[subjectId] = version;
        if (fault is not null)
            _left[subjectId] = new LeftSubject(subjectId, fault);
        if (_progress is not null)
            await _progress(new ReembeddingProgress(_done.Count, _subjects, _faceCount)).ConfigureAwait(false);
    }
}
