using CsCheck;
using IpuNet.Contract;
using IpuNet.Training.Checkpoints;

namespace IpuNet.Training.Tests.Checkpoints;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ipunet-safetensors-").FullName;

    private string File1 => Path.Combine(_folder, "a.safetensors");

    [Fact]
    public void Read_WhatWasWritten_GivesItBack() =>
        Gen.Float.Array[0, 50].List[0, 5].Sample(arrays =>
        {
            SafeTensors.Write(
                File1, new Dictionary<string, string> { ["step"] = "7" },
                [.. arrays.Select((a, i) => ($"t{i}", new long[] { a.Length }, a))]);

            var (metadata, tensors) = SafeTensors.Read(File1);

            return metadata["step"] == "7" && tensors.Count == arrays.Count
                && arrays.Select((a, i) => tensors[$"t{i}"].Values.AsSpan().SequenceEqual(a)).All(same => same);
        }, iter: 30, threads: 1);

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(30)]
    [InlineData(-3)]
    public void Read_CutShort_NamesTheFile(int length)
    {
        SafeTensors.Write(File1, new Dictionary<string, string>(), [("t", [4], [1, 2, 3, 4])]);
        byte[] whole = File.ReadAllBytes(File1);
        File.WriteAllBytes(File1, whole[..(length < 0 ? whole.Length + length : length)]);

        Should.Throw<FaceDataException>(() => SafeTensors.Read(File1)).Message.ShouldContain("a.safetensors");
    }

    [Theory]
    [InlineData(1UL, "1")]
    [InlineData(0x7FFF_FFFF_FFFF_FFFFUL, "9,223,372,036,854,775,807")]
    [InlineData(0x8000_0000_0000_0000UL, "9,223,372,036,854,775,808")]
    [InlineData(ulong.MaxValue, "18,446,744,073,709,551,615")]
    public void Read_HeaderOfAnAbsurdLength_SaysTheNumberThatIsInTheFile(ulong length, string said)
    {
        File.WriteAllBytes(File1, [.. BitConverter.GetBytes(length), .. new byte[16]]);

        Should.Throw<FaceDataException>(() => SafeTensors.Read(File1)).Message.ShouldContain($"its header claims {said} bytes");
    }

    [Theory]
    [InlineData("""{"t":{"dtype":"F32","shape":[4000000000,4000000000,4000000000],"data_offsets":[0,16]}}""")]
    [InlineData("""{"t":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}""")]
    [InlineData("""{"t":{"dtype":"F32","shape":[4],"data_offsets":[16,32]}}""")]
    [InlineData("""{"t":{"dtype":"F64","shape":[2],"data_offsets":[0,16]}}""")]
    [InlineData("""{"t":{"shape":[4]}}""")]
    [InlineData("""[1,2]""")]
    public void Read_HeaderThatLies_IsRefused(string header)
    {
        byte[] json = System.Text.Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(File1, [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[16]]);

        Should.Throw<FaceDataException>(() => SafeTensors.Read(File1));
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}""")]
    [InlineData("""{"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"0":{"dtype":"F32","shape":[0],"data_offsets":[8,8]},"""
        + """ "b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}""")]
    public void Read_TensorsThatOverlap_NamesThem(string header)
    {
        byte[] json = System.Text.Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(File1, [.. BitConverter.GetBytes((long)json.Length), .. json, .. new byte[16]]);

        Should.Throw<FaceDataException>(() => SafeTensors.Read(File1)).Message.ShouldContain("the tensors 'a' and 'b' overlap");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
