using IpuNet.Contract;
using IpuNet.Training.Checkpoints;
using IpuNet.Training.Evaluation.Protocols;
using IpuNet.Training.Experiments;
using IpuNet.Training.Import;
using IpuNet.Training.Import.ArcFace;
using IpuNet.Training.Import.FaceNet;
using IpuNet.Training.Import.PyTorch;
using IpuNet.Training.Tests.Import.ArcFace;
using IpuNet.Training.Tests.Import.FaceNet;
using PureHDF;

namespace IpuNet.Training.Tests.Import;

public sealed class DamagedFilesTests : IDisposable
{
    private static readonly (string Name, int[] Shape, float[] Values)[] Tensors =
        [("last_linear.weight", [4, 2], [1, 2, 3, 4, 5, 6, 7, 8]), ("conv2d_1a.conv.weight", [2, 1, 1, 1], [1, 2]), ("bias", [2], [1, 2])];

    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-damaged-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "file");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Experiment_Damaged_IsReadAndWrittenAgainOrRefused() => Survive(
        [
            .. new Experiment[] { TrainingFolder.Experiment(), TrainingFolder.Distillation() }.Select(
                experiment => System.Text.Encoding.UTF8.GetBytes(experiment.ToJson())),
        ],
        json =>
        {
            string written = Experiment.Parse(System.Text.Encoding.UTF8.GetString(json), "x.json").ToJson();
            Experiment.Parse(written, "x.json").ToJson().ShouldBe(written);
        });

    [Fact]
    public void ArcFaceGraph_Damaged_IsReadOrRefused() =>
        Survive([ImportedFile.Network(), ImportedFile.MeanColour()], file => ArcFaceGraph.Read(file, "net.onnx"));

    [Fact]
    public void OnnxWeights_Damaged_AreReadOrRefused() => Survive([ImportedFile.Network()], file => OnnxWeights.Read(file, "net.onnx"));

    [Fact]
    public void SafeTensors_Damaged_AreReadOrRefused()
    {
        SafeTensors.Write(
            Path, new Dictionary<string, string> { ["step"] = "1" },
            [.. Tensors.Select(t => (t.Name, t.Shape.Select(n => (long)n).ToArray(), t.Values))]);
        SurviveAsFile(path => _ = SafeTensors.Read(path).Tensors.Count);
    }

    [Fact]
    public void TorchFile_OfEitherForm_Damaged_IsReadOrRefused()
    {
        foreach (byte[] file in (byte[][])[PickleWriter.Zip(Tensors), PickleWriter.Legacy(Tensors)])
        {
            File.WriteAllBytes(Path, file);
            SurviveAsFile(path => _ = TorchFile.Read(path).Names.Count());
        }
    }

    [Fact]
    public void KerasFile_Damaged_IsReadOrRefused()
    {
        var layer = new H5Group
        {
            ["Conv2d_1a_3x3"] = new H5Group
            {
                ["kernel:0"] = new H5Dataset(new float[8], fileDims: [2, 2, 2, 1]),
                ["beta:0"] = new H5Dataset(new float[2]),
            },
        };
        new H5File { ["model_weights"] = new H5Group { ["Conv2d_1a_3x3"] = layer } }.Write(Path);
        // PureHDF makes an array of the length that a file claims before it looks whether that is there; nothing is written to it.
        SurviveAsFile(path => _ = KerasFile.Read(path).Names.Count(), Array.MaxLength);
    }

    [Fact]
    public void KerasFile_WithAHeaderLongerThanTheFile_IsRefusedAtOnce()
    {
        new H5File { ["model_weights"] = new H5Group() }.Write(Path);
        byte[] file = File.ReadAllBytes(Path);
        // The header of the root comes last. Its length follows its mark, version and flags. The file ends within the length.
        int length = file.AsSpan().LastIndexOf("OHDR"u8) + "OHDR"u8.Length + 2;
        file = [.. file[..(length + 3)], 0x22];
        File.WriteAllBytes(Path, file);

        Should.Throw<FaceDataException>(() => Task.Run(() => KerasFile.Read(Path), TestContext.Current.CancellationToken))
            .Message.ShouldContain("cannot be read as a Keras file");
    }

    [Fact]
    public void FaceNetWeights_OfEachKind_Damaged_AreRefused()
    {
        SafeTensors.Write(
            Path, new Dictionary<string, string>(), [.. Tensors.Select(t => (t.Name, t.Shape.Select(n => (long)n).ToArray(), t.Values))]);
        byte[][] files = [File.ReadAllBytes(Path), PickleWriter.Zip(Tensors), PickleWriter.Legacy(Tensors)];
        Survive(files, file =>
        {
            File.WriteAllBytes(Path, file);
            Should.Throw<FaceDataException>(() => FaceNetWeights.Read(Path));
        });
    }

    [Fact]
    public void FaceApiManifest_Damaged_IsReadOrRefused()
    {
        File.WriteAllText(
            Path,
            """[{"paths":["w.bin"],"weights":[{"name":"conv/filters","shape":[1,1,3,2],"dtype":"float32","""
            + """ "quantization":{"dtype":"uint8","scale":0.1,"min":-1}}]}]""");
        File.WriteAllBytes(System.IO.Path.Combine(_folder, "w.bin"), new byte[6]);
        SurviveAsFile(path => _ = FaceApiWeights.Read(path).Names.Count());
    }

    [Fact]
    public void PairsProtocol_Damaged_IsReadOrRefused()
    {
        File.WriteAllText(Path, "2\t1\nada\t1\t2\nada\t1\tbob\t1\nbob\t1\t2\nbob\t1\tada\t1\n");
        foreach (var (person, number) in (IEnumerable<(string, int)>)[("ada", 1), ("ada", 2), ("bob", 1), ("bob", 2)])
        {
            Directory.CreateDirectory(System.IO.Path.Combine(_folder, person));
            File.WriteAllBytes(System.IO.Path.Combine(_folder, person, $"{person}_{number:0000}.jpg"), []);
        }

        SurviveAsFile(path => PairsProtocol.Read(path, _folder));
    }

    [Theory]
    [InlineData("2000000000\t1")]
    [InlineData("2000000000")]
    [InlineData("2\t2000000000")]
    public void PairsProtocol_ThatPromisesMorePairsThanItHas_IsRefusedUnread(string header)
    {
        File.WriteAllText(Path, $"{header}\nada\t1\t2\n");
        long before = GC.GetAllocatedBytesForCurrentThread();

        Should.Throw<FaceDataException>(() => PairsProtocol.Read(Path, _folder));

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(64 << 20);
    }

    [Theory]
    [InlineData(new int[0], new[] { 1f })]
    [InlineData(new[] { 2_000_000_000, 0 }, new float[0])]
    [InlineData(new[] { 2_000_000_000, 2_000_000_000, 0 }, new float[0])]
    public void FaceNetWeights_WithALastLayerOfNoUsableShape_AreRefused(int[] shape, float[] values)
    {
        SafeTensors.Write(
            Path, new Dictionary<string, string>(),
            [("last_linear.weight", [.. shape.Select(n => (long)n)], values), ("conv2d_1a.conv.weight", [1], [1f])]);

        Should.Throw<FaceDataException>(() => FaceNetWeights.Read(Path)).Message.ShouldContain("last_linear.weight");
    }

    private void SurviveAsFile(Action<string> read, long claimed = 0) => Survive(
        [File.ReadAllBytes(Path)],
        file =>
        {
            File.WriteAllBytes(Path, file);
            read(Path);
        },
        claimed);

    private static void Survive(byte[][] files, Action<byte[]> read, long claimed = 0) =>
        Mutations.Survive(files, read, error => error is FaceDataException, claimed);
}
