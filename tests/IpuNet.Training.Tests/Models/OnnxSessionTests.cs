using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Models;
using IpuNet.Training.Export;
using IpuNet.Training.Tests.Export;

namespace IpuNet.Training.Tests.Models;

public class OnnxSessionTests
{
    private static readonly byte[] Enhancer = OnnxExporter.ExportEnhancer(new TinyEnhancer(), TinyEnhancer.Weights());

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(9, false)]
    [InlineData(0, true)]
    [InlineData(3, true)]
    [InlineData(7, true)]
    public void Run_AnyNumberOfPictures_ReadsEachOnceInOrder(int count, bool roundBatches)
    {
        using OnnxSession session = Create(batchSize: 4, roundBatches);
        var values = new List<byte>();
        session.Run(Flat(count), (buffers, first, n) =>
        {
            first.ShouldBe(values.Count);
            for (int i = 0; i < n; i++)
                values.Add(buffers.Bytes("pictures", i)[(64 * 128 + 64) * 3]);
        });

        // 0.9 + 8 * 0.05 of the picture, and 40.
        values.ShouldBe(Enumerable.Range(0, count).Select(i => (byte)MathF.Round(i * 1.3f + 40)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(13)]
    [InlineData(40)]
    public void Run_InParts_ReadsEachOnce(int count)
    {
        using var session = new OnnxSession(Enhancer, "tiny", new InferenceSettings { BatchSize = 4, Threads = 1, PartsAtOnce = 3 });
        var values = new byte[count];
        session.Run(Flat(count), (buffers, first, n) =>
        {
            for (int i = 0; i < n; i++)
                values[first + i] += buffers.Bytes("pictures", i)[(64 * 128 + 64) * 3];
        });

        values.ShouldBe(Enumerable.Range(0, count).Select(i => (byte)MathF.Round(i * 1.3f + 40)));
    }

    [Fact]
    public void Run_InPartsOfWhichOneFails_FailsAsItDoes()
    {
        using var session = new OnnxSession(Enhancer, "tiny", new InferenceSettings { BatchSize = 4, Threads = 1, PartsAtOnce = 3 });

        Should.Throw<ArgumentException>(
            () => session.Run([.. Flat(9), new RgbImage(64, 128)], (_, _, _) => { })).Message.ShouldContain("128 x 128 px, not 64 x 128");
    }

    [Fact]
    public void Run_ManyThreads_DoNotDisturbEachOther()
    {
        using OnnxSession session = Create(batchSize: 2);
        Parallel.For(0, 16, i =>
        {
            var face = new RgbImage(128, 128, [.. Enumerable.Repeat((byte)(i * 8), 128 * 128 * 3)]);
            session.Run([face, face, face], (buffers, _, n) =>
                buffers.Bytes("pictures", n - 1)[(64 * 128 + 64) * 3].ShouldBe((byte)MathF.Round(i * 8 * 1.3f + 40)));
        });
    }

    [Fact]
    public void Run_AgainAndAgain_AllocatesLittle()
    {
        using OnnxSession session = Create(batchSize: 4);
        RgbImage[] faces = Flat(64);
        session.Run(faces, (_, _, _) => { });

        long before = GC.GetAllocatedBytesForCurrentThread();
        session.Run(faces, (_, _, _) => { });

        // One picture has 49,152 bytes.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(49_152);
    }

    [Fact]
    public void Run_PictureOfAnotherSize_IsRefused()
    {
        using OnnxSession session = Create(batchSize: 4);

        Should.Throw<ArgumentException>(
            () => session.Run([new RgbImage(64, 128)], (_, _, _) => { })).Message.ShouldContain("128 x 128 px, not 64 x 128");
    }

    [Fact]
    public void OutputShape_UnknownOutput_NamesThoseThereAre()
    {
        using OnnxSession session = Create(batchSize: 4);

        Should.Throw<FaceDataException>(() => session.OutputShape("embeddings")).Message.ShouldContain("only pictures");
    }

    [Fact]
    public void Create_CudaWhereThereIsNone_IsAnError()
    {
        Assert.SkipWhen(
            Microsoft.ML.OnnxRuntime.OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"), "This build has CUDA.");

        Should.Throw<FaceDataException>(() => new OnnxSession(Enhancer, "tiny", new InferenceSettings { Device = "cuda" }))
            .Message.ShouldContain("-p:Cuda=true");
    }

    [Fact]
    public void Create_UnknownDevice_NamesThoseThereAre() =>
        Should.Throw<FaceDataException>(() => new OnnxSession(Enhancer, "tiny", new InferenceSettings { Device = "tpu" }))
            .Message.ShouldContain("'cpu' or 'cuda'");

    [Fact]
    public void Create_NoOnnxFile_NamesTheModel() =>
        Should.Throw<FaceDataException>(
            () => new OnnxSession([1, 2, 3], "broken@1", InferenceSettings.Default)).Message.ShouldContain("broken@1");

    [Fact]
    public void Create_ModelOfFloats_IsRefused()
    {
        var network = new SmallNetwork("relu", new(4, 5, 7));

        Should.Throw<FaceDataException>(() => new OnnxSession(OnnxRun.Build(network, new()), "other@1", InferenceSettings.Default))
            .Message.ShouldContain("'images', uint8");
    }

    private static OnnxSession Create(int batchSize, bool roundBatches = false) =>
        new(Enhancer, "tiny", new InferenceSettings { BatchSize = batchSize, Threads = 1, RoundBatches = roundBatches });

    private static RgbImage[] Flat(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new RgbImage(128, 128, [.. Enumerable.Repeat((byte)i, 128 * 128 * 3)]))];
}
