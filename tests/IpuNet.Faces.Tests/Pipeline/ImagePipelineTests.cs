using System.Numerics.Tensors;
using System.Threading.Channels;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Tests.Imaging;

namespace IpuNet.Faces.Tests.Pipeline;

public sealed class ImagePipelineTests(MadeUpFacesPipeline shipped) : IClassFixture<MadeUpFacesPipeline>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static readonly byte[] Crop = ImageEncoder.EncodePng(TestImages.Smooth(48, 48));

    [Fact]
    public async Task RunAsync_ManyImages_AnswersInTheirOrder()
    {
        var images = Enumerable.Range(0, 25).Select(
            i => ImageSource.FromBytes($"{i}", ImageEncoder.EncodePng(TestImages.Smooth(20 + i % 7 * 10, 30)))).ToList();

        var results = await RunAsync(images, new() { BatchSize = 4 });

        results.Select(result => result.Name).ShouldBe(images.Select(image => image.Name));
        results.ShouldAllBe(result => result.Status == ImageStatus.Ok && result.Faces.Count == 1);
    }

    [Fact]
    public async Task RunAsync_OneImage_EmbedsItAsAmongOthers()
    {
        var images = Enumerable.Range(0, 6).Select(
            i => ImageSource.FromBytes($"{i}", ImageEncoder.EncodePng(TestImages.Noise(16 + i, 16, seed: i)))).ToList();

        var together = await RunAsync(images);
        var alone = await RunAsync([images[3]]);

        TensorPrimitives.Dot<float>(together[3].Faces[0].Embedding, alone[0].Faces[0].Embedding).ShouldBe(1, 1e-4f);
    }

    [Fact]
    public async Task RunAsync_BadImagesAmongGoodOnes_SaysWhatIsWrongWithEach()
    {
        ImageSource[] images =
        [
            ImageSource.FromBytes("good", Crop),
            ImageSource.FromBytes("text", "Dear diary"u8.ToArray()),
            new("broken disk", _ => Task.FromException<byte[]>(new IOException("The disk is broken."))),
            ImageSource.FromBytes("large", ImageEncoder.EncodePng(new RgbImage(200, 200))),
            ImageSource.FromBytes("last", Crop),
        ];

        var results = await RunAsync(images, new() { Limits = new() { MaxPixels = 100 * 100 } });

        results.Select(result => result.Status).ShouldBe(
            [ImageStatus.Ok, ImageStatus.Rejected, ImageStatus.Failed, ImageStatus.Rejected, ImageStatus.Ok]);
        results[1].Reason.ShouldStartWith("the file holds no image");
        results[2].Reason.ShouldBe("cannot be read: The disk is broken.");
        results[3].Reason!.ShouldContain("over the limit");
        (results[2].Sha256, results[3].Sha256!.Length).ShouldBe((null, 64));
    }

    [Fact]
    public async Task RunAsync_ACropOfNoFacesShape_SaysWhy()
    {
        var strip = ImageSource.FromBytes("strip", ImageEncoder.EncodePng(new RgbImage(9000, 2)));

        var results = await RunAsync([strip], new() { Faces = FaceDetectionMode.Crop });

        (results[0].Status, results[0].Reason).ShouldBe(
            (ImageStatus.NoFace, "an image of 9,000 x 2 px is not a face: each side of a face has at least 4 px"));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(48 * 48 * 7, 1)]
    [InlineData(3 * 48 * 48 * 7, 3)]
    public async Task RunAsync_WithLittleMemory_HasOnlySoManyImagesDecoded(long memory, int most)
    {
        var budget = new ByteBudget(memory);
        var images = Enumerable.Range(0, 30).Select(i => ImageSource.FromBytes($"{i}", Crop));
        List<int> batches = [];

        var pipeline = new ImagePipeline(shipped.Models, new() { Memory = budget, BatchSize = 16, Decoders = 8 });
        await foreach (var batch in pipeline.RunAsync(images, Cancellation))
            batches.Add(batch.Count);

        batches.Sum().ShouldBe(30);
        batches.Max().ShouldBeLessThanOrEqualTo(most);
        budget.Taken.ShouldBe(0);
    }

    [Fact]
    public async Task RunAsync_WithBadImagesAndLittleMemory_AnswersAllInTheirOrder()
    {
        var budget = new ByteBudget(48 * 48 * 7);
        ImageSource Of(int i) => i % 3 == 0
            ? new($"{i}", _ => Task.FromException<byte[]>(new IOException("The disk is broken.")))
            : ImageSource.FromBytes($"{i}", i % 3 == 1 ? Crop : "Dear diary"u8.ToArray());

        var results = await RunAsync([.. Enumerable.Range(0, 40).Select(Of)], new() { Memory = budget, Decoders = 8 });

        results.Select(result => result.Name).ShouldBe(Enumerable.Range(0, 40).Select(i => $"{i}"));
        budget.Taken.ShouldBe(0);
    }

    [Fact]
    public async Task RunAsync_TwoRunsThatShareLittleMemory_BothEnd()
    {
        var budget = new ByteBudget(2 * 48 * 48 * 7);
        var images = Enumerable.Range(0, 40).Select(i => ImageSource.FromBytes($"{i}", Crop)).ToList();

        var results = await Task.WhenAll(RunAsync(images, new() { Memory = budget }), RunAsync(images, new() { Memory = budget }));

        results.ShouldAllBe(run => run.Count == 40);
        budget.Taken.ShouldBe(0);
    }

    [Fact]
    public async Task RunAsync_Cancelled_GivesItsMemoryBack()
    {
        var budget = new ByteBudget(2 * 48 * 48 * 7);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var images = Enumerable.Range(0, 1000).Select(i => ImageSource.FromBytes($"{i}", Crop));
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in new ImagePipeline(shipped.Models, new() { Memory = budget, Decoders = 8 }).RunAsync(images, stop.Token))
                await stop.CancelAsync();
        });

        // A decoder that is still running gives its memory back at its end.
        while (budget.Taken > 0)
            await Task.Delay(10, Cancellation);
    }

    [Fact]
    public async Task RunAsync_WhileOthersHaveAllMemory_CanBeCancelled()
    {
        var budget = new ByteBudget(10);
        await budget.TakeAsync(10, Cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        stop.CancelAfter(50);

        var pipeline = new ImagePipeline(shipped.Models, new() { Memory = budget });
        await Should.ThrowAsync<OperationCanceledException>(
            () => pipeline.RunAsync([ImageSource.FromBytes("a", Crop)], stop.Token).ToListAsync(Cancellation).AsTask());

        budget.Taken.ShouldBe(10);
    }

    [Theory]
    [InlineData(EnhanceChoice.Auto, 16, true)]
    [InlineData(EnhanceChoice.Auto, 64, false)]
    [InlineData(EnhanceChoice.On, 64, true)]
    [InlineData(EnhanceChoice.On, 128, false)]
    [InlineData(EnhanceChoice.Off, 16, false)]
    public async Task RunAsync_ByChoiceAndSize_EnhancesOrNot(EnhanceChoice choice, int size, bool enhanced)
    {
        var results = await RunAsync(
            [ImageSource.FromBytes("a", ImageEncoder.EncodePng(TestImages.Smooth(size, size)))], new() { Enhance = choice });

        FaceResult face = results[0].Faces[0];
        (face.Enhanced is not null).ShouldBe(enhanced);
        face.SourceHeight.ShouldBe(size);
        face.Picture.ShouldBe(enhanced ? face.Enhanced : face.Aligned);
    }

    [Fact]
    public async Task RunAsync_WhileNobodyTakesResults_ReadsOnlySoManyImages()
    {
        int read = 0;
        var images = Enumerable.Range(0, 200).Select(i => new ImageSource($"{i}", _ =>
        {
            Interlocked.Increment(ref read);
            return Task.FromResult(Crop);
        }));
        var options = new ImagePipelineOptions { BatchSize = 2, Decoders = 3 };

        var run = new ImagePipeline(shipped.Models, options).RunAsync(images, Cancellation);
        await using (var batches = run.GetAsyncEnumerator(Cancellation))
        {
            await batches.MoveNextAsync();
            await Task.Delay(500, Cancellation);
        }

        // The batch that was read, one batch before, in and after each of the last two stages, and the decoders' images.
        read.ShouldBeLessThanOrEqualTo(2 + 5 * 2 + 3 + 1);
    }

    [Fact]
    public async Task RunAsync_Stopped_Throws()
    {
        using var stop = new CancellationTokenSource();
        var images = Enumerable.Range(0, 100_000).Select(i => ImageSource.FromBytes($"{i}", Crop));

        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var batch in new ImagePipeline(shipped.Models).RunAsync(images, stop.Token))
                await stop.CancelAsync();
        });
    }

    [Fact]
    public async Task RunAsync_WhereTheListOfImagesFails_PassesTheErrorOn()
    {
        static IEnumerable<ImageSource> Failing()
        {
            yield return ImageSource.FromBytes("a", Crop);
            throw new NotSupportedException("no more");
        }

        await Should.ThrowAsync<NotSupportedException>(() => RunAsync(Failing()));
    }

    [Fact]
    public async Task RunAsync_OfAStreamThatPauses_AnswersWhatItHas()
    {
        var stream = Channel.CreateUnbounded<ImageSource>();
        await using var batches = new ImagePipeline(shipped.Models, new() { BatchSize = 8 })
            .RunAsync(stream.Reader.ReadAllAsync(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);

        List<string> answered = [];
        for (int i = 0; i < 3; i++)
        {
            stream.Writer.TryWrite(ImageSource.FromBytes($"{i}", Crop));
            (await batches.MoveNextAsync()).ShouldBeTrue();
            answered.AddRange(batches.Current.Select(result => result.Name));
        }

        stream.Writer.Complete();
        (await batches.MoveNextAsync()).ShouldBeFalse();
        answered.ShouldBe(["0", "1", "2"]);
    }

    [Fact]
    public async Task RunAsync_OfAStreamWithManyReady_FillsItsBatches()
    {
        var stream = Channel.CreateUnbounded<ImageSource>();
        for (int i = 0; i < 12; i++)
            stream.Writer.TryWrite(ImageSource.FromBytes($"{i}", Crop));
        stream.Writer.Complete();

        List<int> sizes = [];
        await foreach (var batch in new ImagePipeline(shipped.Models, new() { BatchSize = 4 })
            .RunAsync(stream.Reader.ReadAllAsync(TestContext.Current.CancellationToken), TestContext.Current.CancellationToken))
            sizes.Add(batch.Count);

        sizes.ShouldBe([4, 4, 4]);
    }

    [Fact]
    public async Task RunAsync_OfImagesWithTheirOwnFinding_FollowsIt()
    {
        byte[] grey = ImageEncoder.EncodePng(TestImages.Uniform(300, 300, 90, 120, 150));
        ImageSource[] images = [
            ImageSource.FromBytes("photo", grey), ImageSource.FromBytes("crop", grey) with { Faces = FaceDetectionMode.Crop }];

        var results = await RunAsync(images, new() { Faces = FaceDetectionMode.Detect });

        results.Select(result => result.Status).ShouldBe([ImageStatus.NoFace, ImageStatus.Ok]);
    }

    [Fact]
    public async Task RunAsync_OfTheCallersOwnSources_GivesEachBackWithItsResult()
    {
        NumberedSource[] sources = [new(7), new(8)];

        List<ImageResult<NumberedSource>> results = [];
        await foreach (var batch in new ImagePipeline(shipped.Models).RunAsync(sources, TestContext.Current.CancellationToken))
            results.AddRange(batch);

        results.Select(result => (result.Source.Number, result.Name)).ShouldBe([(7, "7"), (8, "8")]);
    }

    private async Task<List<ImageResult>> RunAsync(IEnumerable<ImageSource> images, ImagePipelineOptions? options = null)
    {
        List<ImageResult> results = [];
        await foreach (var batch in new ImagePipeline(shipped.Models, options).RunAsync(images, TestContext.Current.CancellationToken))
            results.AddRange(batch);
        return results;
    }

    private sealed record NumberedSource(int Number) : ImageSource($"{Number}", _ => Task.FromResult(Crop));
}
