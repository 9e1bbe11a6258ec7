using IpuNet.Faces.Imaging;

namespace IpuNet.Cli.Tests;

public sealed class EnhanceCommandTests : IDisposable
{
    private readonly WorkFolder _folder = new();

    [Fact]
    public async Task Enhance_SmallCrop_WritesAPictureOf128Pixels()
    {
        string crop = _folder.WriteCrop("in/face.png");

        CommandRun run = await CommandRun.Of("enhance", crop, "--faces", "crop", "--out", _folder.Path("out"));

        run.ExitCode.ShouldBe(0, run.Errors);
        RgbImage face = ImageDecoder.DecodeFile(Directory.EnumerateFiles(_folder.Path("out"), "*.png").Single());
        (face.Width, face.Height).ShouldBe((128, 128));
    }

    [Fact]
    public async Task Enhance_BadFilesAmongGood_ReportsEachAndDoesTheRest()
    {
        _folder.WriteCrop("in/good.png");
        byte[] png = File.ReadAllBytes(_folder.WriteCrop("in/named.jpg", seed: 2));
        _folder.Write("in/empty.png", []);
        _folder.Write("in/cut.png", png[..(png.Length / 2)]);
        _folder.Write("in/text.jpg", "hello, I am no picture"u8.ToArray());
        _folder.Write("in/huge.png", HugePng());

        CommandRun run = await CommandRun.Of("enhance", _folder.Path("in"), "--faces", "crop", "--out", _folder.Path("out"));

        run.ExitCode.ShouldBe(1);
        foreach (string bad in (string[])["empty.png", "cut.png", "text.jpg", "huge.png"])
            (run.Output + run.Errors).ShouldContain(bad);
        run.Errors.ShouldContain("40,000,000");
        // The PNG that is named .jpg is read by what it holds.
        Directory.EnumerateFiles(_folder.Path("out"), "*.png").Count().ShouldBe(2);
    }

    [Fact]
    public async Task Enhance_NothingThere_IsAUsageError()
    {
        Directory.CreateDirectory(_folder.Path("in"));

        CommandRun run = await CommandRun.Of("enhance", _folder.Path("in"), "--out", _folder.Path("out"));

        run.ExitCode.ShouldBe(2);
        run.Errors.ShouldContain("in");
    }

    [Fact]
    public async Task Enhance_Pattern_TakesWhatItMatches()
    {
        _folder.WriteCrop("in/a/1.png");
        _folder.WriteCrop("in/b/2.png", seed: 3);
        _folder.WriteCrop("in/b/3.bmp.png", seed: 4);

        CommandRun run = await CommandRun.Of("enhance", _folder.Path("in", "**", "2.png"), "--faces", "crop", "--out", _folder.Path("out"));

        run.ExitCode.ShouldBe(0, run.Errors);
        Directory.EnumerateFiles(_folder.Path("out"), "*.png", SearchOption.AllDirectories).Count().ShouldBe(1);
    }

    public void Dispose() => _folder.Dispose();

    // A PNG whose header claims 20,000 x 20,000 pixels.
    private static byte[] HugePng()
    {
        byte[] png = ImageEncoder.EncodePng(new RgbImage(8, 8));
        (png[18], png[19], png[22], png[23]) = (0x4E, 0x20, 0x4E, 0x20);
        uint crc = System.IO.Hashing.Crc32.HashToUInt32(png.AsSpan(12, 17));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), crc);
        return png;
    }
}
