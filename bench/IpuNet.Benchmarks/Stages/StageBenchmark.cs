using System.Numerics;
using IpuNet.Benchmarks.Search;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Gallery;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;

namespace IpuNet.Benchmarks.Stages;

/// <summary>The steps from the file of a photo to a subject and a picture, each alone and all together.</summary>
internal sealed class StageBenchmark(PipelineModels models, int faces)
{
    private const int PhotoWidth = 1280, PhotoHeight = 960, Photos = 4, FaceSide = 96, GallerySize = 10_000, Matches = 5;

    // A frame of a camera with a few small faces.
    private const int FrameWidth = 640, FrameHeight = 480, FrameFaces = 6, SmallestFace = 12;

    /// <summary>The steps, each on its own.</summary>
    public IReadOnlyList<Stage> Steps()
    {
        RgbImage[] photos = [.. Enumerable.Range(0, Photos).Select(seed => BenchImages.Photo(PhotoWidth, PhotoHeight, seed))];
        byte[][] files = [.. photos.Select(photo => ImageEncoder.EncodeJpeg(photo))];
        RgbImage frame = BenchImages.Photo(FrameWidth, FrameHeight, seed: 1);
        (RgbImage, FaceBox)[] small =
            [.. Enumerable.Range(0, FrameFaces).Select(i => (frame, BoxOf(i, SmallestFace, FrameWidth, FrameHeight)))];
        (RgbImage Photo, FaceBox Box)[] large =
            [.. Enumerable.Range(0, faces).Select(i => (photos[i % Photos], BoxOf(i, FaceSide, PhotoWidth, PhotoHeight)))];
        RgbImage[] aligned = [.. Probes().Select(FaceAligner.FromCrop)];
        float[][] queries = models.Embedder!.Embed(aligned);
        GalleryIndex gallery = SearchBenchmark.Gallery(GallerySize, models.Embedder.Dimensions, models.Source);
        return
        [
            new("decode a photo", Photos, "photos", () => Parallel.ForEach(files, file => ImageDecoder.Decode(file, "photo"))),
            new("detect its faces", Photos, "photos", () => models.Detector.Detect(photos)),
            new(
                $"detect and straighten {FrameFaces} faces from {SmallestFace} px in {FrameWidth} x {FrameHeight}", 1, "frames",
                () =>
                {
                    models.Detector.Detect([frame], SmallestFace);
                    models.Straightener.Straighten(small);
                }),
            new("straighten", faces, "faces", () => models.Straightener.Straighten(large)),
            new("align", faces, "faces", () => Parallel.For(
                0, faces, i => FaceAligner.Cut(large[i].Photo, PlaceOf(large[i].Box), FaceAligner.Size))),
            .. models.Enhancer is { } enhancer
                ? [new Stage("enhance", faces, "faces", () => enhancer.Enhance(aligned))]
                : Array.Empty<Stage>(),
            new("embed", faces, "faces", () => models.Embedder.Embed(aligned)),
            new($"match with {GallerySize:N0} subjects", faces, "faces", () => gallery.SearchMany(models.Source, queries, Matches)),
            new("encode a picture", faces, "faces", () => Parallel.ForEach(aligned, face => ImageEncoder.EncodePng(face))),
        ];

        // Spreads the faces over the photo.
        static FaceBox BoxOf(int i, int side, int width, int height) =>
            new(17.3f * i % (width - side), 31.7f * i % (height - side), side, side);

        static SimilarityTransform PlaceOf(FaceBox box) => new(box.Height / FaceAligner.Size, 0, new Vector2(box.X, box.Y));
    }

    /// <summary>All steps for small crops, from file to subject and picture, as in <c>ipunet identify --out</c>.</summary>
    public Stage Whole()
    {
        ImageSource[] images = [.. Enumerable.Range(0, faces).Select(i => ImageSource.FromBytes($"{i}.png", BenchImages.ProbeFile(i)))];
        GalleryIndex gallery = SearchBenchmark.Gallery(GallerySize, models.Embedder!.Dimensions, models.Source);
        var pipeline = new ImagePipeline(models, new() { Faces = FaceDetectionMode.Crop, Enhance = EnhanceChoice.On });
        return new Stage($"all steps, {BenchImages.ProbeSide} px crops", faces, "faces", () => RunAsync().GetAwaiter().GetResult());

        async Task RunAsync()
        {
            await foreach (var batch in pipeline.RunAsync(images))
            {
                gallery.SearchMany(models.Source, [.. batch.SelectMany(image => image.Faces).Select(face => face.Embedding!)], Matches);
                Parallel.ForEach(batch.SelectMany(image => image.Faces), face => ImageEncoder.EncodePng(face.Picture));
            }
        }
    }

    /// <summary>A batch of images in the size of aligned faces, for the recogniser or the enhancer.</summary>
    public static RgbImage[] Batch(int count) =>
        [.. Enumerable.Range(0, count).Select(seed => BenchImages.Photo(FaceAligner.Size, FaceAligner.Size, seed))];

    private IEnumerable<RgbImage> Probes() =>
        Enumerable.Range(0, faces).Select(seed => BenchImages.Photo(BenchImages.ProbeSide, BenchImages.ProbeSide, seed));
}
