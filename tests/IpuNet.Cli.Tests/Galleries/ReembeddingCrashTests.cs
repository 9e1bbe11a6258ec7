using IpuNet.Cli.Bench;
using IpuNet.Cli.Bench.Life;
using IpuNet.Cli.Terminals;
using IpuNet.Cli.Tests.Cloud;
using IpuNet.Faces;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Models;
using IpuNet.Faces.Pipeline;
using IpuNet.Service.Galleries;

namespace IpuNet.Cli.Tests.Galleries;

public sealed class ReembeddingCrashTests(LocalStorage storage, TestModels models) : IClassFixture<LocalStorage>
{
    private const string Gallery = "bench";
    private const int Subjects = 300, FacesEach = 2, Kills = 2;
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
            using OwnProgram program = Start();
            int done;
            while ((done = await CountAsync(used.Source)) <= before + Subjects / 10)
                await Task.Delay(Look, Cancellation);
            program.Kill();
            await program.ExitAsync(Cancellation);
            done.ShouldBeLessThan(Subjects);
            before = done;
            await Should.ThrowAsync<FaceDataException>(() => galleries.GetAsync(Gallery, used.Source, used.Embedder!.Dimensions, Cancellation));
        }

        using OwnProgram last = Start();
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

        OwnProgram Start() => OwnProgram.Start(terminal, storage.ConnectionString, "gallery", "reembed", "--gallery", Gallery, "--models", models.Root);
    }

    private async Task<int> CountAsync(EmbeddingSource source)
    {
        var gallery = new BlobGallery(storage.Account, Gallery, TimeProvider.System);
        int count = 0;
        // The records tell, whatever the re-embedding says of them elsewhere.
        await Parallel.ForEachAsync(Ids(), Cancellation, async (id, stop) =>
        {
            if ((await gallery.FindAsync(id, stop))?.Of(source) is not null)
                Interlocked.Increment(ref count);
        });
        return count;
    }

    private static IEnumerable<string> Ids() => Enumerable.Range(0, Subjects).Select(i => $"s{i}");
}
