using Azure.Storage.Blobs.Models;
using IpuNet.Benchmarks.Life;
using IpuNet.Benchmarks.Reembedding;
using IpuNet.CommandLine.Programs;
using IpuNet.CommandLine.Terminals;
using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Galleries;

namespace IpuNet.Benchmarks.Tests.Reembedding;

public sealed class ReembeddingCrashTests(LocalStorage storage, TestModels models) : IClassFixture<LocalStorage>
{
    private const string Gallery = "bench";
    private const int Subjects = 60, FacesEach = 4, Kills = 2;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GalleryReembed_KilledTwice_EndsWithEachFaceEmbeddedOnceAndTheGalleryReadyOnlyThen()
    {
        using StringWriter output = new();
        TextWriter both = TextWriter.Synchronized(output);
        var terminal = new Terminal(both, both);
        using var used = PipelineModels.Open(models.Store, InferenceSettings.Default, recognise: true);
        using var galleries = new GalleryCache(storage.Account, TimeProvider.System);
        await new ReembeddingBenchmark(storage.Account, used, Subjects, FacesEach, terminal).FillAsync(Cancellation);

        int before = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            using ProductProcess program = Start();
            Task<int> end = program.ExitAsync(Cancellation);
            int done;
            while ((done = await CountAsync()) <= before + Subjects / 10)
            {
                end.IsCompleted.ShouldBeFalse($"It has ended, with {done} subjects done: {output}");
                await Task.Delay(Look, Cancellation);
            }

            program.Kill();
            await end;
            before = await CountAsync();
            before.ShouldBeInRange(done, Subjects - 1);
            await Should.ThrowAsync<FaceDataException>(
                () => galleries.GetAsync(Gallery, used.Source, used.Embedder!.Dimensions, Cancellation));
        }

        using ProductProcess last = Start();
        (await last.ExitAsync(Cancellation)).ShouldBe(0, output.ToString());

        GalleryIndex index = (await galleries.GetAsync(Gallery, used.Source, used.Embedder!.Dimensions, Cancellation)).ShouldNotBeNull();
        index.SubjectCount.ShouldBe(Subjects);
        var gallery = new BlobGallery(storage.Account, Gallery, TimeProvider.System);
        foreach (string id in Ids())
        {
            IReadOnlyList<SubjectEmbedding> faces = (await gallery.FindAsync(id, Cancellation)).ShouldNotBeNull().Embeddings;
            faces.Count(face => face.Source == used.Source).ShouldBe(FacesEach);
            faces.Count.ShouldBe(2 * FacesEach);
        }

        ProductProcess Start() => ProductProcess.Start(
            ProgramBeside.IpuNet, terminal, storage.ConnectionString, "gallery", "reembed", "--gallery", Gallery, "--models", models.Root);
    }

    // The subjects that a second source has embedded, by one quick request: the re-embedding is to be caught in the middle.
    private async Task<int> CountAsync() => await storage.Account.Container(StorageNames.Galleries)
        .GetBlobsAsync(BlobTraits.Metadata, BlobStates.None, StorageNames.Subjects(Gallery), Cancellation)
        .CountAsync(blob => blob.Metadata["sources"].Contains(',', StringComparison.Ordinal), Cancellation);

    private static IEnumerable<string> Ids() => Enumerable.Range(0, Subjects).Select(i => $"s{i}");
}
