using System.Globalization;
using IpuNet.Benchmarks.Search;
using IpuNet.Benchmarks.Stages;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Reembedding;
using IpuNet.Service.Galleries;
using IpuNet.Service.Reembedding;
using IpuNet.Service.Storage;

namespace IpuNet.Benchmarks.Reembedding;

/// <summary>Measures the re-embedding of a gallery in storage, interrupted twice.</summary>
internal sealed class ReembeddingBenchmark(StorageAccount account, PipelineModels models, int subjects, int facesEach, Terminal terminal)
{
    private const string Gallery = "bench";
    private const int UploadsAtOnce = 8, Parts = 3;

    // Images are expensive to make. More different ones would not change the time.
    private const int Pictures = 64;

    /// <summary>Enrols made-up subjects with their aligned faces. Each subject is enrolled by one job.</summary>
    public Task<bool> FillAsync(CancellationToken cancellation) =>
        ProgressDisplay.RunAsync(terminal, "subjects enrolled", subjects, progress => FillAsync(progress, cancellation));

    private async Task<bool> FillAsync(IProgress<ProgressCount> progress, CancellationToken cancellation)
    {
        var gallery = new BlobGallery(account, Gallery, TimeProvider.System);
        var former = new EmbeddingSource("former@1", models.Source.Alignment);
        var pictures = Enumerable.Range(0, Pictures).Select(seed => BenchImages.Photo(FaceAligner.Size, FaceAligner.Size, seed)).ToArray();
        int done = 0;
        await Parallel.ForEachAsync(
            SearchBenchmark.Subjects(subjects, models.Embedder!.Dimensions, former).Index(),
            new ParallelOptions { MaxDegreeOfParallelism = UploadsAtOnce, CancellationToken = cancellation },
            async (subject, stop) =>
            {
                SubjectEmbedding[] faces = [.. Enumerable.Range(0, facesEach).Select(face => FaceOf(subject.Item, face))];
                await gallery.KeepAsync(
                    subject.Item.SubjectId, faces.Select((face, i) => (face, pictures[(subject.Index + i) % Pictures])), stop);
                await gallery.AddAsync(subject.Item.SubjectId, faces, DateTimeOffset.UnixEpoch, stop);
                progress.Report(new ProgressCount(Interlocked.Increment(ref done)));
            });
        return true;
    }

    /// <summary>Re-embeds the gallery in three runs. The first two are interrupted.</summary>
    /// <exception cref="FaceDataException">The gallery is incomplete at the end.</exception>
    public Task<bool> RunAsync(CancellationToken cancellation) => ProgressDisplay.RunAsync(terminal, "subjects", subjects, async progress =>
    {
        for (int part = 1; part < Parts; part++)
            await RunUntilAsync(subjects * part / Parts, progress, cancellation);
        ReembeddingReport last = await RunAsync(done => Report(done, progress), cancellation);
        return last.IsReady && last.Subjects == subjects
            ? true
            : throw new FaceDataException(
                $"The gallery has {last.Subjects} of {subjects} subjects, and {last.LeftBehind.Count} of these are not re-embedded.");
    });

    // The gallery tells faces apart by the SHA-256 of their images.
    private static SubjectEmbedding FaceOf(SubjectRecord subject, int face)
    {
        SubjectEmbedding only = subject.Embeddings[0];
        string picture = face.ToString("x64", CultureInfo.InvariantCulture);
        return new SubjectEmbedding(
            only.Source, only.Vector, only.Provenance with { Image = $"{picture}.png", Sha256 = picture }, only.EnrolledAt);
    }

    private async Task RunUntilAsync(int done, IProgress<ProgressCount> progress, CancellationToken cancellation)
    {
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            await RunAsync(
                at =>
                {
                    Report(at, progress);
                    if (at.Subjects >= done)
                        cut.Cancel();
                },
                cut.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The next run continues from storage, as after the end of a process.
        }
    }

    private Task<ReembeddingReport> RunAsync(Action<ReembeddingProgress> progress, CancellationToken cancellation) =>
        new GalleryReembedding(account, models, new EnrolmentOptions(), TimeProvider.System).RunAsync(
            Gallery, new ReembeddingRequest(), done =>
            {
                progress(done);
                return ValueTask.CompletedTask;
            }, cancellation);

    private static void Report(ReembeddingProgress done, IProgress<ProgressCount> progress) =>
        progress.Report(new ProgressCount(done.Subjects));
}
