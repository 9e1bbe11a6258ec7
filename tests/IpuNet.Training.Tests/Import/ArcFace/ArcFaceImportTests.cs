using System.Security.Cryptography;
using IpuNet.Contract;
using IpuNet.Faces.Alignment;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Recognition;
using IpuNet.Training.Import;
using IpuNet.Training.Import.ArcFace;
using IpuNet.Training.Losses;

namespace IpuNet.Training.Tests.Import.ArcFace;

public sealed class ArcFaceImportTests : IDisposable
{
    private static readonly InferenceSettings Settings = new() { BatchSize = 4, Threads = 1 };
    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-arcface-").FullName;
    private readonly ModelStore _store;

    public ArcFaceImportTests() => _store = new ModelStore(Path.Combine(_folder, "models"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Run_AFileThatFits_InstallsItAsItIsWithItsOrigin()
    {
        byte[] file = ImportedFile.Network();

        InstalledModel model = Import(file, new WeightsOrigin("somebody", "https://example.org", "MIT"));

        File.ReadAllBytes(model.Path).ShouldBe(file);
        ModelManifest manifest = _store.Find("arcface").Manifest;
        (manifest.Dimensions, manifest.Licence, manifest.Input).ShouldBe((ImportedFile.Dimensions, "MIT", new ModelInput(112, 112)));
        manifest.Origin.ShouldBe(
            new ModelOrigin("somebody", "net.onnx", Convert.ToHexStringLower(SHA256.HashData(file)), "https://example.org"));
        manifest.Graph.ShouldBe(new ImportedGraph("data", "fc1", ChannelOrder.Rgb, 127.5f, 127.5f, "insightface-112@1"));
    }

    [Theory]
    [InlineData(ChannelOrder.Rgb, null, null)]
    [InlineData(ChannelOrder.Bgr, null, null)]
    [InlineData(ChannelOrder.Rgb, 0f, 1f)]
    [InlineData(ChannelOrder.Bgr, 100f, 128f)]
    public void Embed_AnEvenlyColouredFace_SeesItsPixelsAsTheManifestSays(ChannelOrder channels, float? mean, float? deviation)
    {
        InstalledModel model = Import(ImportedFile.MeanColour(), pixels: new ArcFacePixels(channels, mean, deviation));
        var face = new RgbImage(FaceAligner.Size, FaceAligner.Size);
        float[] colour = [200, 90, 30];
        for (int i = 0; i < face.Pixels.Length; i++)
            face.Pixels[i] = (byte)colour[i % 3];
        using FaceEmbedder embedder = FaceEmbedder.Open(model, Settings);

        float[] embedding = embedder.Embed([face])[0];

        float[] seen = [
            .. (channels == ChannelOrder.Rgb ? colour : colour.Reverse()).Select(c => (c - (mean ?? 127.5f)) / (deviation ?? 127.5f))];
        float[] raw = [.. Enumerable.Range(0, ImportedFile.Dimensions).Select(i => seen[i % 3])];
        float length = MathF.Sqrt(raw.Sum(v => v * v));
        embedding.ShouldBe(raw.Select(v => v / length), 1e-4f);
    }

    [Fact]
    public void Embed_ManyFaces_GivesUnitVectorsInOrder()
    {
        using FaceEmbedder embedder = FaceEmbedder.Open(Import(ImportedFile.Network()), Settings);
        RgbImage[] faces = [.. Enumerable.Range(0, 6).Select(Face)];

        float[][] embeddings = embedder.Embed(faces);

        embeddings.ShouldAllBe(e => Math.Abs(e.Sum(v => v * v) - 1) < 1e-5);
        embeddings[5].ShouldBe(embedder.Embed([faces[5]])[0], 1e-5f);
        embeddings[5].ShouldNotBe(embeddings[4]);
    }

    [Fact]
    public void Embed_AGraphForOneFaceAtATime_TakesThemOneByOne()
    {
        byte[] file = ImportedFile.Network(model =>
        {
            model.Graph.Input[0].Type.TensorType.Shape.Dim[0].DimValue = 1;
            model.Graph.Output[0].Type.TensorType.Shape.Dim[0].DimValue = 1;
        });
        using FaceEmbedder one = FaceEmbedder.Open(Import(file), Settings);
        using FaceEmbedder many = FaceEmbedder.Open(Import(ImportedFile.Network()), Settings);
        RgbImage[] faces = [.. Enumerable.Range(0, 3).Select(Face)];

        float[][] embeddings = one.Embed(faces);

        foreach (var (a, b) in embeddings.Zip(many.Embed(faces)))
            a.ShouldBe(b, 1e-5f);
    }

    [Fact]
    public void AlignmentId_OfAnImportedGraph_IsAnotherThanThatOfThisProjects()
    {
        using FaceEmbedder embedder = FaceEmbedder.Open(Import(ImportedFile.Network()), Settings);

        embedder.AlignmentId.ShouldBe("dlib-chip-128@1+insightface-112@1");
    }

    [Fact]
    public void Open_AManifestOfAnotherAlignment_IsRefused()
    {
        InstalledModel model = Import(ImportedFile.Network());
        InstalledModel changed = _store.Update(model.Manifest with { Graph = model.Manifest.Graph! with { Alignment = "somewhere@1" } });

        Should.Throw<FaceDataException>(() => FaceEmbedder.Open(changed, Settings)).Message.ShouldContain("'somewhere@1'");
    }

    [Fact]
    public void FrozenRecogniser_OfAnImportedGraph_SaysThatItCannotBeTrainedThrough()
    {
        InstalledModel model = Import(ImportedFile.Network());

        Should.Throw<FaceDataException>(() => FrozenRecogniser.Open(model)).Message.ShouldContain("training cannot go through it");
    }

    private InstalledModel Import(byte[] file, WeightsOrigin? origin = null, ArcFacePixels? pixels = null)
    {
        string path = Path.Combine(_folder, "net.onnx");
        File.WriteAllBytes(path, file);
        return ArcFaceImport.Run(path, _store, "arcface", origin ?? new WeightsOrigin(null, null, null), pixels);
    }

    private static RgbImage Face(int seed)
    {
        var face = new RgbImage(FaceAligner.Size, FaceAligner.Size);
        new Random(seed).NextBytes(face.Pixels);
        return face;
    }
}
