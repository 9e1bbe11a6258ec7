using System.Globalization;
using IpuNet.Contract;
using IpuNet.Faces.Networks;
using IpuNet.Training.Import;

namespace IpuNet.Training.Tests.Import;

public sealed class FaceApiWeightsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-weights-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Read_Convolution_BecomesOutputsFirst()
    {
        // [h 1, w 2, in 3, out 2]: value = w * 100 + in * 10 + out.
        float[] stored = [0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121];
        WeightTensor weight = Read(Entry("a/conv/filters", [1, 2, 3, 2]), Floats(stored))["a.conv.weight"];

        weight.Shape.ShouldBe([2, 3, 1, 2]);
        weight.Floats.ShouldBe([0, 100, 10, 110, 20, 120, 1, 101, 11, 111, 21, 121]);
    }

    [Fact]
    public void Read_DepthwiseConvolution_BecomesOneInputPerOutput()
    {
        // [h 1, w 2, c 2, 1]: value = w * 10 + c.
        WeightSet weights = Read(Entry("conv1/depthwise_filter", [1, 2, 2, 1]), Floats([0, 1, 10, 11]));

        weights["conv1.depthwise.weight"].Shape.ShouldBe([2, 1, 1, 2]);
        weights["conv1.depthwise.weight"].Floats.ShouldBe([0, 10, 1, 11]);
    }

    [Fact]
    public void Read_Matrix_BecomesOutputsFirst()
    {
        WeightTensor weight = Read(Entry("fc", [2, 3]), Floats([1, 2, 3, 4, 5, 6]))["fc.weight"];

        weight.Shape.ShouldBe([3, 2]);
        weight.Floats.ShouldBe([1, 4, 2, 5, 3, 6]);
    }

    [Theory]
    [InlineData("conv32_1/conv1/scale/weights", "conv32_1.conv1.scale.weight")]
    [InlineData("conv32_1/conv1/scale/biases", "conv32_1.conv1.scale.bias")]
    [InlineData("conv0/bias", "conv0.bias")]
    [InlineData("x/convolution_bn_offset", "x.bias")]
    [InlineData("x/BatchNorm/gamma", "x.BatchNorm.weight")]
    [InlineData("x/BatchNorm/beta", "x.BatchNorm.bias")]
    [InlineData("x/BatchNorm/moving_mean", "x.BatchNorm.running_mean")]
    [InlineData("x/BatchNorm/moving_variance", "x.BatchNorm.running_var")]
    [InlineData("Output/extra_dim", "Output.extra_dim")]
    public void Read_Vector_HasTheNetworksName(string stored, string name) =>
        Read(Entry(stored, [2]), Floats([1, 2]))[name].Floats.ShouldBe([1, 2]);

    [Fact]
    public void Read_BiasOfSeparableConvolution_BelongsToThePointwiseOne() =>
        Read(Entry("c/pointwise_filter", [1, 1, 1, 1]) + "," + Entry("c/bias", [1]), Floats([3, 4]))["c.pointwise.bias"].Floats
            .ShouldBe([4]);

    [Fact]
    public void Read_QuantisedAroundZero_StaysEightBit()
    {
        WeightTensor weight = Read(Entry("conv0/bias", [3], "uint8", scale: 0.5, min: -1), [0, 2, 255])["conv0.bias"];

        weight.Bytes.ShouldBe([0, 2, 255]);
        weight.ZeroPoint.ShouldBe((byte)2);
        weight.ToFloats().ShouldBe([-1f, 0f, 126.5f]);
    }

    [Theory]
    [InlineData(5.25)]
    [InlineData(-0.25)]
    [InlineData(-200)]
    public void Read_QuantisedAwayFromZero_BecomesFloats(double min) =>
        Read(Entry("s/weights", [2], "uint8", scale: 0.5, min), [0, 10])["s.weight"].Floats.ShouldBe([(float)min, (float)min + 5]);

    [Theory]
    [InlineData(7, "'a/bias'")]
    [InlineData(9, "1 bytes too many")]
    public void Read_FileOfAnotherSize_SaysSo(int size, string part) =>
        Should.Throw<FaceDataException>(() => Read(Entry("a/bias", [2]), new byte[size])).Message.ShouldContain(part);

    [Theory]
    [InlineData("string", null)]
    [InlineData("float32", "uint16")]
    public void Read_UnknownType_NamesIt(string type, string? quantised)
    {
        string entry = Entry("a/bias", [2], quantised).Replace("float32", type, StringComparison.Ordinal);

        Should.Throw<FaceDataException>(() => Read(entry, new byte[8])).Message.ShouldContain(quantised ?? type);
    }

    [Theory]
    [InlineData("""[{"name":"a","shape":[1],"dtype":"float32"}]""")]
    [InlineData("{")]
    [InlineData("null")]
    public void Read_OtherJson_IsNoManifest(string json)
    {
        string path = Path.Combine(_folder, "manifest.json");
        File.WriteAllText(path, json);

        Should.Throw<FaceDataException>(() => FaceApiWeights.Read(path)).Message.ShouldStartWith(path);
    }

    [Fact]
    public void Read_FileElsewhere_IsRefused() =>
        Should.Throw<FaceDataException>(
            () => Read(Entry("a/bias", [1]), new byte[4], binary: "../weights.bin")).Message.ShouldContain("not beside it");

    [Fact]
    public void Read_SameNameTwice_IsRefused() =>
        Should.Throw<FaceDataException>(
            () => Read(Entry("a/weights", [1]) + "," + Entry("a/gamma", [1]), new byte[8])).Message.ShouldContain("'a.weight'");

    [Fact]
    public void Read_ImpossibleShape_IsRefused() =>
        Should.Throw<FaceDataException>(() => Read(Entry("a/bias", [65536, 65536]), new byte[4])).Message.ShouldContain("[65536, 65536]");

    private WeightSet Read(string entries, byte[] data, string binary = "weights.bin")
    {
        string path = Path.Combine(_folder, "manifest.json");
        File.WriteAllText(path, $$"""[{"weights":[{{entries}}],"paths":["{{binary}}"]}]""");
        File.WriteAllBytes(Path.Combine(_folder, "weights.bin"), data);
        return FaceApiWeights.Read(path);
    }

    private static string Entry(string name, int[] shape, string? quantised = null, double scale = 1, double min = 0)
    {
        string quantisation = quantised is null
            ? ""
            : string.Create(
                CultureInfo.InvariantCulture, $$""","quantization":{"dtype":"{{quantised}}","scale":{{scale}},"min":{{min}}}""");
        return $$"""{"name":"{{name}}","shape":[{{string.Join(',', shape)}}],"dtype":"float32"{{quantisation}}}""";
    }

    private static byte[] Floats(float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
}
