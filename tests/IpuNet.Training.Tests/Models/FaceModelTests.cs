using IpuNet.Contract;
using IpuNet.Faces.Enhancement;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Recognition;
using IpuNet.Training.Export;
using IpuNet.Training.Tests.Export;

namespace IpuNet.Training.Tests.Models;

public sealed class FaceModelTests : IDisposable
{
    private static readonly InferenceSettings Settings = new() { BatchSize = 4, Threads = 1 };
    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-models-").FullName;
    private readonly ModelStore _store;

    public FaceModelTests()
    {
        _store = new ModelStore(_folder);
        var recogniser = new TinyRecogniser();
        _store.Use(Install("tiny-enhancer", ModelKind.Enhancer, OnnxExporter.ExportEnhancer(new TinyEnhancer(), TinyEnhancer.Weights())));
        _store.Use(Install(
            "tiny-recogniser", ModelKind.Recogniser, OnnxExporter.ExportRecogniser(recogniser, SmallNetwork.Weights(recogniser, 5))));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Enhance_SmallFace_IsResizedBicubicallyFirst()
    {
        using FaceEnhancer enhancer = FaceEnhancer.Open(_store, Settings);
        RgbImage small = Face(seed: 1, size: 16);

        IReadOnlyList<RgbImage> pictures = enhancer.Enhance([small, Resampler.Resize(small, 128, 128, ResampleFilter.Bicubic)]);

        pictures[0].Pixels.ShouldBe(pictures[1].Pixels);
    }

    [Fact]
    public void Embed_Faces_GivesUnitVectorsInOrder()
    {
        using FaceEmbedder embedder = FaceEmbedder.Open(_store, Settings);
        RgbImage[] faces = [.. Enumerable.Range(0, 6).Select(i => Face(i, 128))];

        float[][] embeddings = embedder.Embed(faces);

        embeddings.ShouldAllBe(e => e.Length == embedder.Dimensions);
        embeddings[5].ShouldBe(embedder.Embed([faces[5]])[0], 1e-6f);
        embeddings[5].ShouldNotBe(embeddings[4]);
    }

    [Theory]
    [InlineData(16, 4)]
    [InlineData(3, 4)]
    public void EnhanceAndEmbed_Faces_IsBothOneAfterTheOther(int enhancerBatch, int embedderBatch)
    {
        using FaceEnhancer enhancer = FaceEnhancer.Open(_store, Settings with { BatchSize = enhancerBatch });
        using FaceEmbedder embedder = FaceEmbedder.Open(_store, Settings with { BatchSize = embedderBatch });
        RgbImage[] faces = [.. Enumerable.Range(0, 10).Select(i => Face(i, size: 20))];

        EnhancedFaces result = new FaceEnhancingEmbedder(enhancer, embedder).Run(faces);

        IReadOnlyList<RgbImage> pictures = enhancer.Enhance(faces);
        result.Pictures.SelectMany(p => p.Pixels).ShouldBe(pictures.SelectMany(p => p.Pixels));
        result.Embeddings.SelectMany(e => e).ShouldBe(embedder.Embed(pictures).SelectMany(e => e), 1e-6f);
    }

    [Fact]
    public void Open_ModelOfAnotherKind_IsRefused() =>
        Should.Throw<FaceDataException>(
            () => FaceEmbedder.Open(_store.Find("tiny-enhancer"), Settings)).Message.ShouldContain("tiny-enhancer@1");

    [Fact]
    public void Open_ManifestThatLiesAboutTheKind_IsRefused()
    {
        InstalledModel model = Install(
            "liar", ModelKind.Recogniser, OnnxExporter.ExportEnhancer(new TinyEnhancer(), TinyEnhancer.Weights()));

        Should.Throw<FaceDataException>(() => FaceEmbedder.Open(model, Settings)).Message.ShouldContain("no output 'embeddings'");
    }

    [Fact]
    public void Open_ReplacedFile_IsRefused()
    {
        InstalledModel model = _store.FindCurrent(ModelKind.Enhancer);
        File.WriteAllBytes(model.Path, OnnxExporter.ExportEnhancer(new TinyEnhancer(), TinyEnhancer.Weights(), WeightStorage.Half));

        Should.Throw<FaceDataException>(() => FaceEnhancer.Open(_store, Settings)).Message.ShouldContain(model.Manifest.Sha256);
    }

    private InstalledModel Install(string name, ModelKind kind, byte[] model) => _store.Install(
        new ModelManifest { Name = name, Version = 1, Kind = kind, Architecture = name, Input = new ModelInput(128, 128) }, model);

    private static RgbImage Face(int seed, int size)
    {
        var face = new RgbImage(size, size);
        new Random(seed).NextBytes(face.Pixels);
        return face;
    }
}
