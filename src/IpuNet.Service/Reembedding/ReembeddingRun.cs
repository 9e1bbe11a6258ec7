using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using IpuNet.Faces;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Galleries;
using IpuNet.Service.Storage;

namespace IpuNet.Service.Reembedding;

/// <summary>One run of a re-embedding: knows which subjects are done, in which version, and which cannot be.</summary>
internal sealed class ReembeddingRun(
    StorageAccount account, PipelineModels models, EnrolledFaces faces, string gallery, ReembeddingWish wish, Func<ReembeddingProgress, ValueTask>? progress)
{
    private const int Transfers = 8, FacesEach = 16, SubjectsAhead = 2 * FacesEach, SubjectsListed = 1000;

    private readonly EmbeddingSource _source = models.Source;
    private readonly BlobContainerClient _galleries = account.Container(StorageNames.Galleries);
    private readonly ConcurrentDictionary<string, string> _done = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, LeftSubject> _left = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _faces = new(StringComparer.Ordinal);
    private int _faceCount;

    /// <summary>Subjects that the gallery has.</summary>
    public int Subjects { get; private set; }

    /// <summary>Faces that were embedded, by this run and earlier ones of its job.</summary>
    public int Faces => _faces.Values.Sum();

    /// <summary>Subjects with faces that cannot be embedded.</summary>
    public IEnumerable<LeftSubject> LeftBehind => _left.Values;

    /// <summary>Works on all subjects that are not done.</summary>
    /// <returns>False where there was nothing to do.</returns>
    public async Task<bool> RoundAsync(CancellationToken cancellation)
    {
        var present = new HashSet<string>(StringComparer.Ordinal);
        int open = 0;
        await WorkAsync(OpenAsync(cancellation), cancellation).ConfigureAwait(false);
        foreach (string gone in _left.Keys.Where(name => !present.Contains(name)))
            _left.TryRemove(gone, out _);
        return open > 0;

        async IAsyncEnumerable<string> OpenAsync([EnumeratorCancellation] CancellationToken stop)
        {
            var pages = _galleries.GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, StorageNames.Subjects(gallery), stop).AsPages(pageSizeHint: SubjectsListed);
            await foreach (Page<BlobItem> page in pages.ConfigureAwait(false))
            {
                BlobItem[] subjects = [.. page.Values.Where(blob => SubjectBlobs.IsSubject(blob.Name))];
                present.UnionWith(subjects.Select(blob => blob.Name));
                Subjects = Math.Max(Subjects, present.Count);
                foreach (BlobItem blob in subjects)
                {
                    string version = (blob.Properties.ETag ?? default).Text();
                    if (wish.Job is { } job && SubjectBlobs.FacesOf(job, blob.Metadata) is var counted and > 0)
                        _faces[blob.Name] = counted;
                    if (IsComplete(blob.Metadata))
                        _done[blob.Name] = version;
                    if (_done.TryGetValue(blob.Name, out string? done) && done == version)
                        continue;
                    open++;
                    _left.TryRemove(blob.Name, out _);
                    yield return blob.Name;
                }
            }

            Subjects = present.Count;
        }
    }

    private bool IsComplete(IDictionary<string, string> metadata) =>
        wish.ForgetOthers ? SubjectBlobs.IsOfOnly(metadata, _source) : SubjectBlobs.IsComplete(metadata, _source);

    private async Task WorkAsync(IAsyncEnumerable<string> open, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        // Listing does not wait for the rest, so that it is soon known how many there are.
        var listed = Channel.CreateUnbounded<string>();
        var fetched = Channel.CreateBounded<ReembeddedSubject>(SubjectsAhead);
        var embedded = Channel.CreateBounded<ReembeddedSubject>(SubjectsAhead);
        await Task.WhenAll(
            StageAsync(() => ListAsync(open, listed.Writer, stop.Token), listed.Writer),
            StageAsync(() => InParallelAsync(listed.Reader.ReadAllAsync(stop.Token), name => FetchAsync(name, fetched.Writer, stop.Token), stop.Token), fetched.Writer),
            StageAsync(() => EmbedAsync(fetched.Reader, embedded.Writer, stop.Token), embedded.Writer),
            StageAsync<ReembeddedSubject>(() => InParallelAsync(embedded.Reader.ReadAllAsync(stop.Token), subject => WriteAsync(subject, stop.Token), stop.Token), null)).ConfigureAwait(false);

        // What goes wrong in one stage ends them all.
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

    private static Task InParallelAsync<T>(IAsyncEnumerable<T> items, Func<T, Task> work, CancellationToken cancellation) => Parallel.ForEachAsync(
        items, new ParallelOptions { MaxDegreeOfParallelism = Transfers, CancellationToken = cancellation }, async (item, _) => await work(item).ConfigureAwait(false));

    private async Task FetchAsync(string name, ChannelWriter<ReembeddedSubject> writer, CancellationToken cancellation)
    {
        BlobClient blob = _galleries.GetBlobClient(name);
        if (await blob.TryReadSubjectAsync(cancellation).ConfigureAwait(false) is not { } read)
            return;
        try
        {
            var subject = new ReembeddedSubject(blob, read.Require(), read.Version);
            if (subject.Record.Of(_source) is { } embedded && embedded.Embeddings[0].Vector.Length != models.Embedder!.Dimensions)
                throw new FaceDataException(
                    $"{name} is not a usable subject: its embeddings by {_source} have {embedded.Embeddings[0].Vector.Length} numbers, not {models.Embedder.Dimensions}. Delete the subject and enrol it again.");
            await faces.FetchAsync(subject, cancellation).ConfigureAwait(false);
            await writer.WriteAsync(subject, cancellation).ConfigureAwait(false);
        }
        catch (FaceDataException damaged)
        {
            await EndAsync(name, read.Version, damaged.Message, cancellation).ConfigureAwait(false);
        }
    }

    private async Task EmbedAsync(ChannelReader<ReembeddedSubject> reader, ChannelWriter<ReembeddedSubject> writer, CancellationToken cancellation)
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
        float[][] vectors = models.Embedder!.Embed([.. waiting.Select(face => face.Aligned)]);
        foreach (var ((subject, face, _), vector) in waiting.Zip(vectors))
            subject.Made.Add(new SubjectEmbedding(_source, vector, face.Provenance, face.EnrolledAt));
    }

    private async Task WriteAsync(ReembeddedSubject subject, CancellationToken cancellation)
    {
        SubjectRecord next = subject.Record.Reembedded(subject.Made);
        if (wish.ForgetOthers)
            next = next.WithoutOthers(_source);
        int count = _faces.GetValueOrDefault(subject.Blob.Name) + subject.Made.Count;
        JobFaces? counted = wish.Job is { } job ? new(job, count) : null;
        ETag? written = ReferenceEquals(next, subject.Record)
            ? subject.Version
            : await subject.Blob.TryWriteAsync(next, subject.Version, cancellation, counted).ConfigureAwait(false);
        // Where somebody else changed it meanwhile, the next round looks at it again.
        if (written is not { } version)
            return;
        _faces[subject.Blob.Name] = count;
        Interlocked.Add(ref _faceCount, subject.Made.Count);
        string? fault = subject.Faults.Count == 0
            ? null
            : $"{subject.Faults.Count} of {subject.Faults.Count + subject.Made.Count} faces: {string.Join("; ", subject.Faults.Distinct())}";
        await EndAsync(subject.Blob.Name, version, fault, cancellation).ConfigureAwait(false);
    }

    private async Task EndAsync(string name, ETag version, string? fault, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        _done[name] = version.Text();
        if (fault is not null)
            _left[name] = new LeftSubject(SubjectBlobs.IdOf(name), fault);
        if (progress is not null)
            await progress(new ReembeddingProgress(_done.Count, Subjects, _faceCount)).ConfigureAwait(false);
    }
}
