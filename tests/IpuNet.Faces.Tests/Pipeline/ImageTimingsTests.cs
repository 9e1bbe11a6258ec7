using IpuNet.Contract;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Tests.Imaging;
using Microsoft.Extensions.Time.Testing;

namespace IpuNet.Faces.Tests.Pipeline;

public sealed class ImageTimingsTests(MadeUpFacesPipeline shipped) : IClassFixture<MadeUpFacesPipeline>
{
    // Each reading moves the clock by 8 ms. A stage reads it at its start and its end, so each stage takes 8 ms.
    private readonly FakeTimeProvider _time = new() { AutoAdvanceAmount = TimeSpan.FromMilliseconds(8) };

    private static readonly byte[] Crop = ImageEncoder.EncodePng(TestImages.Smooth(48, 48));

    [Fact]
    public async Task RunAsync_OneImage_MeasuresEachStep()
    {
        var results = await RunAsync(ImageSource.FromBytes("a", Crop));

        results[0].Timings.ShouldBe(new ImageTimings { Decode = 8, Locate = 8, Recognise = 8 });
    }

    [Fact]
    public async Task RunAsync_OneImage_CountsReadingToo()
    {
        var slow = new ImageSource("a", _ =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return Task.FromResult(Crop);
        });

        var results = await RunAsync(slow);

        results[0].Timings.Decode.ShouldBe(108);
    }

    [Fact]
    public async Task RunAsync_ABatch_DividesItsTime()
    {
        var results = await RunAsync(
            ImageSource.FromBytes("a", Crop), ImageSource.FromBytes("b", Crop), ImageSource.FromBytes("text", "Dear diary"u8.ToArray()));

        results.Select(result => result.Timings.Locate).ShouldBe([4, 4, 0]);
        results.Select(result => result.Timings.Recognise).ShouldBe([4, 4, 0]);
    }

    [Fact]
    public async Task Identify_ABatch_DividesTheSearch()
    {
        var results = await RunAsync(ImageSource.FromBytes("a", Crop), ImageSource.FromBytes("b", Crop));
        var provenance = new EnrolmentProvenance("a", "a", new(0, 0, 1, 1), new(100, 100));
        var face = new SubjectEmbedding(shipped.Models.Source, results[0].Faces[0].Embedding!, provenance, DateTimeOffset.UnixEpoch);
        var gallery = GalleryIndex.Build(
            shipped.Models.Source, shipped.Models.Embedder!.Dimensions, [new SubjectRecord("ada", [face], DateTimeOffset.UnixEpoch)]);

        var answers = new FaceIdentifier(gallery, shipped.Models, _time).Identify(results, 1, TestContext.Current.CancellationToken);

        answers.Select(answer => answer.Timings!.Match).ShouldBe([4, 4]);
        answers[0].Timings!.Locate.ShouldBe(4);
    }

    private async Task<List<ImageResult>> RunAsync(params ImageSource[] images)
    {
        List<ImageResult> results = [];
        await foreach (var batch in new ImagePipeline(shipped.Models, time: _time).RunAsync(images, TestContext.Current.CancellationToken))
            results.AddRange(batch);
        return results;
    }
}
