using IpuNet.Contract;
using IpuNet.Faces.Networks;
using IpuNet.Training.Checkpoints;
using IpuNet.Training.Export;
using IpuNet.Training.Import.FaceNet;
using PureHDF;

namespace IpuNet.Training.Tests.Import.FaceNet;

public sealed class FaceNetWeightsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-facenet-").FullName;
    private readonly InceptionResNetV1 _network = new(new InceptionResNetOptions { Dimensions = 128, Narrowing = 16 });
    private readonly WeightSet _weights;

    public FaceNetWeightsTests()
    {
        _weights = WeightDeclarations.Randomise(_network, seed: 8, deviation: 0.1f);
        // Keras FaceNet's norms have no scale.
        foreach (WeightDeclaration scale in WeightDeclarations.Of(_network).Where(d => d.Role == WeightRole.Scale))
            _weights[scale.Name] = WeightTensor.FromFloats([.. scale.Shape], [.. Enumerable.Repeat(1f, scale.Count)]);
    }

    private (string Name, int[] Shape, float[] Values)[] Tensors =>
        [.. WeightDeclarations.Of(_network).Select(d => (d.Name, d.Shape.ToArray(), _weights[d.Name].ToFloats()))];

    [Theory]
    [InlineData(".h5")]
    [InlineData(".pt")]
    [InlineData(".legacy.pt")]
    [InlineData(".safetensors")]
    public void Read_EachKindOfFile_GivesTheSameModel(string kind)
    {
        var (network, weights) = FaceNetWeights.Read(Written(kind));

        network.Architecture.ShouldBe("inception-resnet-v1-128-per-image-narrow16");
        OnnxExporter.ExportRecogniser(network, weights).ShouldBe(OnnxExporter.ExportRecogniser(_network, _weights));
    }

    [Theory]
    [InlineData(".h5")]
    [InlineData(".pt")]
    [InlineData(".legacy.pt")]
    [InlineData(".safetensors")]
    public void Read_AFileCutShort_IsRefused(string kind)
    {
        string path = Written(kind);
        using (FileStream file = File.OpenWrite(path))
            file.SetLength(file.Length / 2);

        Refused(path);
    }

    [Theory]
    [InlineData(".h5")]
    [InlineData(".pt")]
    [InlineData(".legacy.pt")]
    [InlineData(".safetensors")]
    public void Read_DamagedBytes_NeverEndsInAnythingButARefusal(string kind)
    {
        byte[] whole = File.ReadAllBytes(Written(kind));
        var random = new Random(3);
        for (int trial = 0; trial < 20; trial++)
        {
            byte[] damaged = [.. whole];
            for (int i = 0; i < 20; i++)
                damaged[random.Next(Math.Min(damaged.Length, 4096))] = (byte)random.Next(256);
            string path = Path.Combine(_folder, $"damaged{trial}{kind}");
            File.WriteAllBytes(path, damaged);

            Exception? error = Record.Exception(() => FaceNetWeights.Read(path));

            (error is null or FaceDataException).ShouldBeTrue($"trial {trial}: {error}");
        }
    }

    [Fact]
    public void Read_WithoutSomeWeights_NamesThem()
    {
        string path = Write(
            "some.pt", PickleWriter.Zip([.. Tensors.Where(t => !t.Name.StartsWith("repeat_2.3", StringComparison.Ordinal))]));

        Refused(path).ShouldContain("repeat_2.3.branch0.conv.weight");
    }

    [Fact]
    public void Read_AWeightOfAnotherShape_NamesItWithBothShapes()
    {
        string path = Write(
            "shape.pt",
            PickleWriter.Zip([.. Tensors.Select(t => t.Name == "conv2d_2a.conv.weight" ? (t.Name, [2, 2, 9, 1], t.Values) : t)]));

        Refused(path).ShouldContain("conv2d_2a.conv.weight [2, 2, 9, 1] instead of [2, 2, 3, 3]");
    }

    [Fact]
    public void Read_AnotherNetwork_SaysWhatIsThere() =>
        Refused(Write("other.pt", PickleWriter.Zip([("layer1.weight", [1], [1f])]))).ShouldContain("layer1.weight");

    [Fact]
    public void Read_APickleThatCallsSomething_IsRefusedAndNothingIsCalled()
    {
        string witness = Path.Combine(_folder, "witness");
        byte[] pickle = new PickleWriter().Code(0x80, 2).Global("os", "system").Text($"touch {witness}").Code(0x85, 'R', '.').ToArray();

        Refused(Write("call.pt", PickleWriter.Zip(pickle, []))).ShouldContain("os.system");

        File.Exists(witness).ShouldBeFalse();
    }

    [Theory]
    [InlineData(4, new[] { int.MaxValue, int.MaxValue, int.MaxValue }, 0)]
    [InlineData(4, new[] { 5 }, 0)]
    [InlineData(4, new[] { 4 }, 1)]
    [InlineData(long.MaxValue, new[] { 4 }, 0)]
    [InlineData(4, new[] { 4 }, long.MaxValue)]
    public void Read_ATensorBeyondItsStorage_IsRefused(long count, int[] shape, long offset)
    {
        byte[] pickle = new PickleWriter().Code(0x80, 2).Code('}', '(').Text(
            "last_linear.weight").Tensor("0", count, shape, offset).Code('u', '.').ToArray();

        Refused(Write("beyond.pt", PickleWriter.Zip(pickle, [new byte[16]])));
    }

    [Theory]
    [InlineData("}q")]
    [InlineData("RRRR.")]
    [InlineData("(t(t.")]
    [InlineData("h\u0007.")]
    [InlineData("")]
    public void Read_APickleThatIsNone_IsRefused(string codes) =>
        Refused(Write("none.pt", PickleWriter.Zip(new PickleWriter().Code([.. codes.Select(c => (int)c)]).ToArray(), [])));

    [Fact]
    public void Read_NoFile_NamesIt() => Refused(Path.Combine(_folder, "nothing.pt")).ShouldContain("nothing.pt");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Refused(string path)
    {
        string message = Should.Throw<FaceDataException>(() => FaceNetWeights.Read(path)).Message;
        message.ShouldContain(path);
        return message;
    }

    private string Write(string name, byte[] bytes)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private string Written(string kind)
    {
        string path = Path.Combine(_folder, $"weights{kind}");
        switch (kind)
        {
            case ".pt":
                File.WriteAllBytes(path, PickleWriter.Zip(Tensors));
                break;
            case ".legacy.pt":
                File.WriteAllBytes(path, PickleWriter.Legacy(Tensors));
                break;
            case ".safetensors":
                SafeTensors.Write(
                    path, new Dictionary<string, string>(),
                    [.. Tensors.Select(t => (t.Name, t.Shape.Select(n => (long)n).ToArray(), t.Values))]);
                break;
            default:
                WriteKeras(path);
                break;
        }

        return path;
    }

    private void WriteKeras(string path)
    {
        var layers = new H5Group();
        foreach (var (name, shape, values) in Tensors)
        {
            if (KerasNames.Of(name) is not { } keras)
                continue;
            string[] parts = keras.Split('/');
            if (!layers.TryGetValue(parts[0], out object? outer))
                layers[parts[0]] = outer = new H5Group { [parts[0]] = new H5Group() };
            var (axes, stored) = Transposed(shape, values);
            ((H5Group)((H5Group)outer)[parts[0]])[$"{parts[1]}:0"] = new H5Dataset(stored, fileDims: [.. axes.Select(n => (ulong)n)]);
        }

        new H5File { ["model_weights"] = layers }.Write(path);
    }

    // [out, in, h, w] to [h, w, in, out], [out, in] to [in, out].
    private static (int[] Shape, float[] Values) Transposed(int[] shape, float[] values)
    {
        if (shape.Length < 2)
            return (shape, values);
        int area = shape.Skip(2).Aggregate(1, (product, n) => product * n), outputs = shape[0], inputs = shape[1];
        var stored = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int o = i / (inputs * area), c = i / area % inputs, k = i % area;
            stored[(k * inputs + c) * outputs + o] = values[i];
        }

        return ([.. shape.Skip(2), inputs, outputs], stored);
    }
}
