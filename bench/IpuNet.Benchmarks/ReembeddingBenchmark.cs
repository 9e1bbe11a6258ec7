using System.Globalization;
using IpuNet.CommandLine.Terminals;
using IpuNet.Faces;
using IpuNet.Faces.Enhancement;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Enrolment;
using IpuNet.Service.Galleries;
using IpuNet.Service.Reembedding;
using IpuNet.Service.Storage;

namespace IpuNet.Benchmarks;

/// <summary>Measures the re-embedding of a gallery in storage, cut off twice in between.</summary>
internal sealed class ReembeddingBenchmark(StorageAccount account, PipelineModels models, int subjects, int facesEach, Terminal terminal)
{
    private const string Gallery = "bench";
    private const int UploadsAtOnce = 8, Parts = 3;

    // Pictures that differ are dear to make; what they show makes no difference.
    private const int Pictures = 64;

    /// <summary>Enrols made-up subjects, each by one job, with faces that are kept.</summary>
    public Task<bool> FillAsync(CancellationToken cancellation) => ProgressDisplay.RunAsync(terminal, "subjects enrolled", subjects, async progress =>
    {
        var gallery = new BlobGallery(account, Gallery, TimeProvider.System);
        var former = new EmbeddingSource("former@1", models.Source.Alignment);
        var pictures = Enumerable.Range(0, Pictures).Select(seed => BenchImages.Photo(FaceEnhancer.Size, FaceEnhancer.Size, seed)).ToArray();
        int done = 0;
        await Parallel.ForEachAsync(
            SearchBenchmark.Subjects(subjects, models.Embedder!.Dimensions, former).Index(),
            new ParallelOptions { MaxDegreeOfParallelism = UploadsAtOnce, CancellationToken = cancellation },
            async (subject, stop) =>
            {
                SubjectEmbedding[] faces = [.. Enumerable.Range(0, facesEach).Select(face => FaceOf(subject.Item, face))];
                await gallery.KeepAsync(subject.Item.SubjectId, faces.Select((face, i) => (face, pictures[(subject.Index + i) % Pictures])), stop);
                await gallery.AddAsync(subject.Item.SubjectId, faces, DateTimeOffset.UnixEpoch, stop);
                progress.Report(new ProgressCount(Interlocked.Increment(ref done)));
            });
        return true;
    });

    /// <summary>Re-embeds the gallery in three runs, of which two are cut off.</summary>
    /// <exception cref="FaceDataException">The gallery is not complete afterwards.</exception>
    public Task<bool> RunAsync(CancellationToken cancellation) => ProgressDisplay.RunAsync(terminal, "subjects", subjects, async progress =>
    {
        for (int part = 1; part < Parts; part++)
            await RunUntilAsync(subjects * part / Parts, progress, cancellation);
        ReembeddingReport last = await RunAsync(done => Report(done, progress), cancellation);
        return last.IsReady && last.Subjects == subjects
            ? true
            : throw new FaceDataException($"Of {subjects} subjects {last.Subjects} are there, and {last.LeftBehind.Count} of them are not embedded.");
    });

    // Faces are told apart by the pictures that they are of.
    private static SubjectEmbedding FaceOf(SubjectRecord subject, int face)
    {
        SubjectEmbedding only = subject.Embeddings[0];
        string picture = face.ToString("x64", CultureInfo.InvariantCulture);
        return new SubjectEmbedding(only.Source, only.Vector, only.Provenance with { Image = $"{picture}.png", Sha256 = picture }, only.EnrolledAt);
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
            // As if the process had ended: another run takes up what is in storage.
        }
    }

    private Task<ReembeddingReport> RunAsync(Action<ReembeddingProgress> progress, CancellationToken cancellation) =>
        new GalleryReembedding(account, models, new EnrolmentOptions(), TimeProvider.System).RunAsync(
            Gallery,
            new ReembeddingWish(),
            done =>
            {
                progress(done);
                return ValueTask.CompletedTask;
            },
            cancellation);

    private static void Report(ReembeddingProgress done, IProgress<ProgressCount> progress) => progress.Report(new ProgressCount(done.Subjects));
}
