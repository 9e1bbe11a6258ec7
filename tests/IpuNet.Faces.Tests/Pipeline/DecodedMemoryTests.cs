using IpuNet.Faces.Pipeline;

namespace IpuNet.Faces.Tests.Pipeline;

public class DecodedMemoryTests
{
    [Theory]
    [InlineData(null, 768L << 20)]
    [InlineData("", 768L << 20)]
    [InlineData("16", 16L << 20)]
    [InlineData("4096", 4096L << 20)]
    public void BytesOf_AnAllowedNumber_IsInMebibytes(string? text, long bytes) => DecodedMemory.BytesOf(text).ShouldBe(bytes);

    [Theory]
    [InlineData("15")]
    [InlineData("-1")]
    [InlineData("1 GB")]
    [InlineData("1048577")]
    public void BytesOf_AnythingElse_SaysWhatMayBe(string text) =>
        Should.Throw<FaceDataException>(() => DecodedMemory.BytesOf(text)).Message.ShouldBe($"IPUNET_DECODED_MIB is '{text}', and may be 16 to 1,048,576, in MiB.");
}
