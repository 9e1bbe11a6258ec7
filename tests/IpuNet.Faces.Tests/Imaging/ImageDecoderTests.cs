using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Tests.Imaging;

public class ImageDecoderTests
{
    private static readonly RgbImage Picture = OpenCvGolden.Small;

    [Fact]
    public void Decode_Png_GivesEveryPixel() =>
        TestImages.MaxDifference(Decode(OpenCvGolden.ReadFile(Picture, OpenCvGolden.Png)), Picture).ShouldBe(0);

    [Fact]
    public void Decode_Bmp_GivesEveryPixel() =>
        TestImages.MaxDifference(Decode(OpenCvGolden.ReadFile(Picture, OpenCvGolden.Bmp)), Picture).ShouldBe(0);

    [Fact]
    public void Decode_LosslessWebp_GivesEveryPixel() =>
        TestImages.MaxDifference(Decode(TestFiles.LosslessWebp(Picture)), Picture).ShouldBe(0);

    [Theory]
    [InlineData(OpenCvGolden.Jpeg)]
    [InlineData(OpenCvGolden.ProgressiveJpeg)]
    public void Decode_Jpeg_MatchesOpenCvsDecoder(string kind)
    {
        RgbImage image = Decode(OpenCvGolden.ReadFile(Picture, kind));

        RgbImage decodedByOpenCv = OpenCvGolden.ReadPicture(OpenCvGolden.DecodedName(OpenCvGolden.FileName(Picture, kind)));
        TestImages.MaxDifference(image, decodedByOpenCv).ShouldBeLessThanOrEqualTo(3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Decode_ExifOrientation_IsUpright(ushort orientation)
    {
        // EXIF 2.3, tag 0x0112: the mirroring and rotation that make the stored image upright.
        RgbImage stored = Decode(ImageEncoder.EncodeJpeg(Picture, 100));
        (int right, int bottom) = (stored.Width - 1, stored.Height - 1);
        RgbImage upright = orientation switch
        {
            1 => stored,
            2 => Rearranged(stored.Width, stored.Height, (x, y) => (right - x, y)),
            3 => Rearranged(stored.Width, stored.Height, (x, y) => (right - x, bottom - y)),
            4 => Rearranged(stored.Width, stored.Height, (x, y) => (x, bottom - y)),
            5 => Rearranged(stored.Height, stored.Width, (x, y) => (y, x)),
            6 => Rearranged(stored.Height, stored.Width, (x, y) => (y, bottom - x)),
            7 => Rearranged(stored.Height, stored.Width, (x, y) => (right - y, bottom - x)),
            _ => Rearranged(stored.Height, stored.Width, (x, y) => (right - y, x)),
        };

        RgbImage image = Decode(TestFiles.WithOrientation(ImageEncoder.EncodeJpeg(Picture, 100), orientation));

        TestImages.MaxDifference(image, upright).ShouldBe(0);

        RgbImage Rearranged(int width, int height, Func<int, int, (int X, int Y)> from) => TestImages.Draw(width, height, (x, y) =>
        {
            (int column, int row) = from((int)x, (int)y);
            ReadOnlySpan<byte> pixel = stored.Row(row).Slice(column * RgbImage.Channels, RgbImage.Channels);
            return (pixel[0], pixel[1], pixel[2]);
        });
    }

    [Fact]
    public void Decode_ExifOrientation_AgreesWithOpenCv()
    {
        for (ushort orientation = 1; orientation <= 8; orientation++)
        {
            byte[] file = TestFiles.WithOrientation(OpenCvGolden.ReadFile(Picture, OpenCvGolden.Jpeg), orientation);
            RgbImage decodedByOpenCv = OpenCvGolden.ReadPicture(OpenCvGolden.OrientedName(orientation));
            TestImages.MaxDifference(Decode(file), decodedByOpenCv).ShouldBeLessThanOrEqualTo(3);
        }
    }

    [Fact]
    public void Decode_TransparentPng_ShowsWhite()
    {
        byte[] row = [0, 200, 100, 0, 0, 200, 100, 0, 255, 0, 0, 0, 128];

        RgbImage image = Decode(TestFiles.Png(3, 1, 8, 6, row));

        image.Pixels[..6].ShouldBe([255, 255, 255, 200, 100, 0]);
        image.Pixels[6].ShouldBeInRange((byte)126, (byte)128);
    }

    [Fact]
    public void Decode_SixteenBitPng_KeepsTheHighBytes()
    {
        byte[] row = [0, 0x10, 0x10, 0x80, 0x80, 0xFF, 0xFF];

        Decode(TestFiles.Png(1, 1, 16, 2, row)).Pixels.ShouldBe([0x10, 0x80, 0xFF]);
    }

    [Fact]
    public void Decode_GrayPng_HasThreeEqualChannels() =>
        Decode(TestFiles.Png(2, 1, 8, 0, [0, 7, 250])).Pixels.ShouldBe([7, 7, 7, 250, 250, 250]);

    [Fact]
    public void Decode_PalettePng_HasThePalettesColours() =>
        Decode(TestFiles.Png(2, 1, 8, 3, [0, 1, 0], ("PLTE", [10, 20, 30, 40, 50, 60]))).Pixels.ShouldBe([40, 50, 60, 10, 20, 30]);

    [Fact]
    public void Decode_CmykJpeg_IsRgb()
    {
        // Cyan ink only: white without red.
        RgbImage image = Decode(TestFiles.CmykJpeg(20, 255, 255, 255));

        (image.Width, image.Height).ShouldBe((8, 8));
        image.Pixels[0].ShouldBeLessThan((byte)60);
        image.Pixels[1].ShouldBeGreaterThan((byte)200);
        image.Pixels[2].ShouldBeGreaterThan((byte)200);
    }

    [Fact]
    public void Decode_PngWithTheUsualGamma_KeepsItsLevels()
    {
        // Gamma 1 / 2.2. Most programs write it for sRGB.
        byte[] row = [0, 10, 10, 10, 60, 60, 60, 128, 128, 128];

        Decode(TestFiles.Png(3, 1, 8, 2, row, ("gAMA", [0, 0, 0xB1, 0x8F]))).Pixels.ShouldBe([10, 10, 10, 60, 60, 60, 128, 128, 128]);
    }

    [Fact]
    public void Decode_LinearPng_IsTurnedIntoSrgb()
    {
        // Linear 0.5 is level 188 in sRGB.
        byte[] row = [0, 128, 128, 128];

        Decode(TestFiles.Png(1, 1, 8, 2, row, ("gAMA", [0, 1, 0x86, 0xA0]))).Pixels[0].ShouldBeInRange((byte)186, (byte)190);
    }

    [Fact]
    public void Decode_JpegWithPreviewsInside_IsDecoded()
    {
        byte[] file = ImageEncoder.EncodeJpeg(Picture);
        byte[] preview = TestFiles.JpegSegment(0xE2, [.. ImageEncoder.EncodeJpeg(TestImages.Smooth(8, 8))]);
        byte[] withPreviews = [.. file[..2], .. Enumerable.Repeat(preview, 150).SelectMany(p => p), .. file[2..]];

        TestImages.MaxDifference(Decode(withPreviews), Decode(file)).ShouldBe(0);
    }

    [Fact]
    public void Decode_AnimatedWebp_IsItsFirstFrame()
    {
        byte[] file = TestFiles.AnimatedWebp(Picture, TestImages.Noise(40, 30));

        TestImages.MaxDifference(Decode(file), Picture).ShouldBe(0);
    }

    [Fact]
    public void DecodeFile_PngNamedJpg_IsDecodedByItsContent()
    {
        using var folder = new TestFolder();
        string path = folder.Write("face.jpg", ImageEncoder.EncodePng(Picture));

        TestImages.MaxDifference(ImageDecoder.DecodeFile(path), Picture).ShouldBe(0);
    }

    private static RgbImage Decode(byte[] file) => ImageDecoder.Decode(file, "test");
}
