using IpuNet.Contract;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Pipeline;
using IpuNet.Faces.Tests.Imaging;

namespace IpuNet.Faces.Tests.Pipeline;

public sealed class DecodedMemoryTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

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
        Should.Throw<FaceDataException>(() => DecodedMemory.BytesOf(text)).Message
            .ShouldBe($"IPUNET_DECODED_MIB is '{text}'. Set it to a number of MiB from 16 to 1,048,576.");

    [Fact]
    public void Use_ByManyWithMemoryForTwo_HasTwoDecodedAtATime()
    {
        byte[] file = ImageEncoder.EncodePng(TestImages.Uniform(48, 48, 90, 120, 150));
        string path = _folder.Write("a.png", file);
        var budget = new ByteBudget(2 * ImageDecoder.DecodedBytes(file, "it"));
        int now = 0, most = 0;

        Parallel.For(0, 30, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => DecodedMemory.Use(path, Look, budget).ShouldBe(48));

        most.ShouldBeInRange(1, 2);
        budget.Taken.ShouldBe(0);

        int Look(RgbImage image)
        {
            lock (budget)
                most = Math.Max(most, ++now);
            Thread.Sleep(1);
            lock (budget)
                now--;
            return image.Width;
        }
    }

    [Fact]
    public void Use_OfADamagedImage_GivesItsMemoryBack()
    {
        string path = _folder.Write("a.png", TestFiles.Png(100, 100, 8, 2, new byte[31]));
        var budget = new ByteBudget(1 << 20);

        Should.Throw<FaceDataException>(() => DecodedMemory.Use(path, image => image.Width, budget)).Message.ShouldContain("is damaged");

        budget.Taken.ShouldBe(0);
    }
}
