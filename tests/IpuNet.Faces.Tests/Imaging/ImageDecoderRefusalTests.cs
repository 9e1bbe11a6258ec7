using CsCheck;
using IpuNet.Contract;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Tests.Imaging;

public class ImageDecoderRefusalTests
{
    private const string Name = "uploads/cam-7/0001.png";
    private static readonly RgbImage Picture = OpenCvGolden.Large;

    public static TheoryData<string, byte[]> Files => new()
    {
        { "JPEG", ImageEncoder.EncodeJpeg(Picture) },
        { "JPEG", OpenCvGolden.ReadFile(Picture, OpenCvGolden.ProgressiveJpeg) },
        { "PNG", ImageEncoder.EncodePng(Picture) },
        { "WebP", TestFiles.LosslessWebp(Picture) },
        { "WebP", OpenCvGolden.ReadFile(Picture, OpenCvGolden.Webp) },
        { "BMP", OpenCvGolden.ReadFile(Picture, OpenCvGolden.Bmp) },
    };

    [Fact]
    public void Decode_Nothing_SaysTheFileIsEmpty() =>
        Message([]).ShouldBe($"{Name}: the file is empty; send the image again");

    [Fact]
    public void Decode_Text_NamesTheAcceptedFormats() =>
        Message("This is not a picture."u8.ToArray()).ShouldBe(
            $"{Name}: the file holds no image of a known format; send a JPEG, PNG, WebP or BMP image");

    [Theory]
    [InlineData("GIF", "GIF89a\u0001\0\u0001\0")]
    [InlineData("TIFF", "II*\0\b\0\0\0")]
    [InlineData("HEIC", "\0\0\0\u0018ftypheic\0\0\0\0")]
    [InlineData("AVIF", "\0\0\0\u0018ftypavif\0\0\0\0")]
    [InlineData("PDF", "%PDF-1.7")]
    public void Decode_OtherFormat_NamesIt(string format, string content) =>
        Message(System.Text.Encoding.Latin1.GetBytes(content)).ShouldBe($"{Name}: {format} is not supported; convert to JPEG");

    [Fact]
    public void Decode_AnArchive_SaysToUnpackIt() =>
        Message("PK\u0003\u0004\u0014\0"u8.ToArray()).ShouldBe($"{Name}: ZIP is not an image; unpack it");

    [Fact]
    public void Decode_TextThatBeginsAsABmp_IsNoImage() =>
        Message("BMW cars are shown on page 7 of this catalogue, and many others."u8.ToArray())
            .ShouldStartWith($"{Name}: the file holds no image of a known format");

    [Theory]
    [InlineData(0, 10, "the PNG image's header states a size of 0 x 10 px; export it again from its source")]
    [InlineData(10, 0, "the PNG image's header states a size of 10 x 0 px; export it again from its source")]
    [InlineData(int.MaxValue, int.MaxValue, "2,147,483,647 x 2,147,483,647 px is over the limit of 40,000,000 px")]
    [InlineData(-1, -1, "4,294,967,295 x 4,294,967,295 px is over the limit of 40,000,000 px")]
    [InlineData(int.MaxValue, 1, "2,147,483,647 x 1 px is over the limit of 40,000,000 px")]
    [InlineData(1, int.MinValue, "1 x 2,147,483,648 px is over the limit of 40,000,000 px")]
    [InlineData(100, 100, "the PNG image is damaged: it has too little data for 100 x 100 px; export it again from its source")]
    public void Decode_WholePngOfAWrongSize_SaysWhatIsWrongWithIt(int width, int height, string reason) =>
        Message(TestFiles.Png(width, height, 8, 2, new byte[31])).ShouldBe($"{Name}: {reason}");

    [Theory]
    [MemberData(nameof(Files))]
    public void Decode_AnyHeader_FitsTheImage(string format, byte[] file)
    {
        ImageHeader header = ImageHeader.Read(file, format)!.Value;

        (header.Width, header.Height, header.IsWhole).ShouldBe((Picture.Width, Picture.Height, true));
        header.DecodedBytes.ShouldBeInRange(7 * 120 * 90, 15 * 120 * 90);
    }

    [Fact]
    public void Decode_BmpOfAWrongHeader_SaysSo()
    {
        const int headerLength = 14;
        byte[] file = [.. "BM"u8, .. new byte[1000]];
        file[headerLength] = 3;

        Message(file).ShouldBe($"{Name}: the BMP image's header is damaged; export it again from its source");
    }

    [Fact]
    public void Decode_TooManyPixels_IsRefusedByTheHeaderAlone()
    {
        // The header states 24,000 x 18,000 px, but the data hold about one row. Decoding would reach the end of the data.
        byte[] bomb = TestFiles.Png(24_000, 18_000, 8, 2, new byte[100_000]);

        Message(bomb).ShouldBe($"{Name}: 24,000 x 18,000 px is over the limit of 40,000,000 px");
    }

    [Fact]
    public void Decode_PixelsAtTheLimit_AreDecoded()
    {
        var limits = new ImageLimits { MaxPixels = 120 * 90 };

        ImageDecoder.Decode(ImageEncoder.EncodePng(Picture), Name, limits).Width.ShouldBe(120);
        Message(ImageEncoder.EncodePng(Picture), limits with { MaxPixels = 120 * 90 - 1 })
            .ShouldBe($"{Name}: 120 x 90 px is over the limit of 10,799 px");
    }

    [Fact]
    public void Decode_TooManyBytes_IsRefused() =>
        Message(new byte[2001], new ImageLimits { MaxBytes = 2000 }).ShouldBe($"{Name}: 2,001 bytes are over the limit of 2,000 bytes");

    [Fact]
    public void Decode_JpegOfThousandsOfScans_IsRefused()
    {
        byte[] file = OpenCvGolden.ReadFile(Picture, OpenCvGolden.ProgressiveJpeg);
        byte[] scan = TestFiles.JpegSegment(0xDA, [1, 1, 0, 1, 63, 0]);
        byte[] bomb = [.. file[..^2], .. Enumerable.Repeat(scan, 5000).SelectMany(s => s), 0xFF, 0xD9];

        Message(bomb).ShouldStartWith($"{Name}: the JPEG image has 5,0");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Decode_CutOffFile_SaysSo(string format, byte[] file)
    {
        foreach (double share in new[] { 0.3, 0.5, 0.9 })
            Message(file[..(int)(file.Length * share)]).ShouldBe(
                $"{Name}: the {format} image is cut off: its end is missing; send the whole file again");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Decode_CutAnywhere_DecodesOrRefuses(string format, byte[] file)
    {
        for (int length = 0; length < Math.Min(file.Length, 400); length++)
            Should.Throw<FaceDataException>(() => ImageDecoder.Decode(file.AsSpan(0, length), Name), $"{format}, {length} bytes");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Decode_DamagedFile_DecodesOrRefuses(string format, byte[] file) =>
        Gen.Select(Gen.Int[0, file.Length - 1], Gen.Byte).Array[1, 20].Sample(damage =>
        {
            var damaged = (byte[])file.Clone();
            foreach ((int position, byte value) in damage)
                damaged[position] = value;
            try
            {
                ImageDecoder.Decode(damaged, format, new ImageLimits { MaxPixels = 1_000_000 });
            }
            catch (FaceDataException refused)
            {
                refused.Message.ShouldStartWith($"{format}: ");
            }
        }, iter: 300);

    [Fact]
    public void Decode_DamagedPng_SaysSo()
    {
        byte[] file = ImageEncoder.EncodePng(Picture);
        file[file.Length / 2] ^= 0x55;

        Message(file).ShouldBe($"{Name}: the PNG image is damaged; export it again from its source");
    }

    [Fact]
    public void DecodeFile_EmptyFile_NamesTheFile()
    {
        using var folder = new TestFolder();
        string path = folder.Write("empty.png", []);

        Should.Throw<FaceDataException>(
            () => ImageDecoder.DecodeFile(path)).Message.ShouldBe($"{path}: the file is empty; send the image again");
    }

    [Fact]
    public void DecodeFile_LongFile_IsRefusedUnread()
    {
        using var folder = new TestFolder();
        string path = folder.Write("long.png", []);
        // A sparse file. Reading all of it would take 16 GB of memory.
        using (var file = new FileStream(path, FileMode.Open))
            file.SetLength(16_000_000_000);

        Should.Throw<FaceDataException>(() => ImageDecoder.DecodeFile(path)).Message
            .ShouldBe($"{path}: 16,000,000,000 bytes are over the limit of 33,554,432 bytes");
    }

    [Fact]
    public void DecodeFile_MissingFile_SaysSo()
    {
        using var folder = new TestFolder();
        string path = folder["nothing/here.png"];

        Should.Throw<FaceDataException>(() => ImageDecoder.DecodeFile(path)).Message.ShouldBe($"{path}: there is no such file or folder");
    }

    private static string Message(byte[] file, ImageLimits? limits = null) =>
        Should.Throw<FaceDataException>(() => ImageDecoder.Decode(file, Name, limits)).Message;
}
