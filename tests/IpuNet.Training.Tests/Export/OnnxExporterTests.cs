using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Faces.Networks;
using IpuNet.Training.Export;

namespace IpuNet.Training.Tests.Export;

public class OnnxExporterTests
{
    private readonly TinyEnhancer _enhancer = new();
    private readonly TinyRecogniser _recogniser = new();
    private readonly WeightSet _enhancerWeights = TinyEnhancer.Weights();
    private readonly WeightSet _recogniserWeights = SmallNetwork.Weights(new TinyRecogniser(), seed: 5);

    [Fact]
    public void ExportEnhancer_Pictures_AreTheNetworksRoundedAndLimited()
    {
        RgbImage[] faces = Faces(3);
        byte[][] pictures = Pictures(OnnxExporter.ExportEnhancer(_enhancer, _enhancerWeights), faces);

        for (int i = 0; i < faces.Length; i++)
        {
            NaiveMap expected = _enhancer.Forward(new NaiveOperations(_enhancerWeights), Map(faces[i]))[0];
            for (int at = 0; at < pictures[i].Length; at++)
            {
                float value = expected[at % 3, at / 3 / 128, at / 3 % 128];
                Math.Abs(pictures[i][at] - Math.Clamp(value, 0f, 255f)).ShouldBeLessThan(0.501f);
            }
        }

        pictures.ShouldAllBe(p => p.Contains((byte)255));
    }

    [Fact]
    public void ExportRecogniser_Embeddings_AreTheNetworksOfLengthOne()
    {
        RgbImage[] faces = Faces(3);
        float[][] embeddings = Embeddings(OnnxExporter.ExportRecogniser(_recogniser, _recogniserWeights), faces);

        for (int i = 0; i < faces.Length; i++)
        {
            var naive = new NaiveOperations(_recogniserWeights);
            NaiveMap expected = naive.L2Normalise(_recogniser.Forward(naive, naive.ResizeBilinear(Map(faces[i]), 150, 150))[0]);
            embeddings[i].Zip(expected.Values, (a, e) => Math.Abs(a - e)).Max().ShouldBeLessThan(1e-5f);
            embeddings[i].Sum(v => v * v).ShouldBe(1f, 1e-5f);
        }
    }

    [Theory]
    [InlineData(WeightStorage.Full)]
    [InlineData(WeightStorage.Half)]
    public void Export_SameWeights_GivesTheSameBytes(WeightStorage storage)
    {
        OnnxExporter.ExportEnhancer(_enhancer, _enhancerWeights, storage).ShouldBe(OnnxExporter.ExportEnhancer(
            new TinyEnhancer(), TinyEnhancer.Weights(), storage));
        OnnxExporter.ExportRecogniser(_recogniser, _recogniserWeights, storage).ShouldBe(OnnxExporter.ExportRecogniser(
            new TinyRecogniser(), _recogniserWeights, storage));
    }

    [Fact]
    public void Export_FirstOutputs_AreNamedInOrder()
    {
        using var session = new OnnxSession(
            OnnxExporter.Export(_recogniser, _recogniserWeights, ["vector", "features"]), "tiny", InferenceSettings.Default);

        session.OutputShape("vector").ShouldBe([16]);
        session.OutputShape("features").ShouldBe([8, 49, 49]);
        (session.Width, session.Height).ShouldBe((150, 150));
    }

    [Fact]
    public void Export_MoreNamesThanOutputs_IsRefused() =>
        Should.Throw<ArgumentException>(() => OnnxExporter.Export(_recogniser, _recogniserWeights, ["a", "b", "c"]))
            .Message.ShouldContain("has 2 outputs, and 3 were named");

    [Fact]
    public void ExportEnhancer_NetworkOfAnotherSize_IsRefused() =>
        Should.Throw<ArgumentException>(
            () => OnnxExporter.ExportEnhancer(_recogniser, _recogniserWeights)).Message.ShouldContain("[3, 150, 150]");

    private static RgbImage[] Faces(int count)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var face = new RgbImage(128, 128);
            random.NextBytes(face.Pixels);
            return face;
        })];
    }

    private static NaiveMap Map(RgbImage face) =>
        NaiveMap.Of(new(3, face.Height, face.Width), (c, y, x) => face.Pixels[(y * face.Width + x) * 3 + c]);

    private static byte[][] Pictures(byte[] model, RgbImage[] faces) => Run(model, faces, (b, i) => b.Bytes("pictures", i).ToArray());

    private static float[][] Embeddings(byte[] model, RgbImage[] faces) => Run(model, faces, (b, i) => b.Floats("embeddings", i).ToArray());

    private static T[] Run<T>(byte[] model, RgbImage[] faces, Func<SessionBuffers, int, T> read)
    {
        using var session = new OnnxSession(model, "tiny", InferenceSettings.Default);
        var results = new List<T>();
        session.Run(faces, (buffers, _, count) => results.AddRange(Enumerable.Range(0, count).Select(i => read(buffers, i))));
        return [.. results];
    }
}
