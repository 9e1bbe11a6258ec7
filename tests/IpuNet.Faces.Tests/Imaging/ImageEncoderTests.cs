using CsCheck;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Tests.Imaging;

public class ImageEncoderTests
{
    [Fact]
    public void EncodePng_AnyImage_ComesBackUnchanged() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[0, 1000]).Sample((width, height, seed) =>
        {
            RgbImage image = TestImages.Noise(width, height, seed);
            TestImages.MaxDifference(ImageDecoder.Decode(ImageEncoder.EncodePng(image), "test"), image).ShouldBe(0);
        }, iter: 100);

    [Fact]
    public void EncodePng_SameImage_GivesTheSameBytes() =>
        ImageEncoder.EncodePng(TestImages.Smooth(50, 40)).ShouldBe(ImageEncoder.EncodePng(TestImages.Smooth(50, 40)));

    [Fact]
    public void EncodeJpeg_ColouredImage_StaysClose()
    {
        RgbImage image = TestImages.Smooth(64, 48);

        RgbImage decoded = ImageDecoder.Decode(ImageEncoder.EncodeJpeg(image), "test");

        TestImages.MaxDifference(decoded, image).ShouldBeLessThanOrEqualTo(8);
    }

    [Fact]
    public void EncodeJpeg_LowerQuality_IsSmaller() =>
        ImageEncoder.EncodeJpeg(
            TestImages.Noise(64, 64), 40).Length.ShouldBeLessThan(ImageEncoder.EncodeJpeg(TestImages.Noise(64, 64), 92).Length);

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public void EncodeJpeg_QualityOutOfRange_Throws(int quality) =>
        Should.Throw<ArgumentOutOfRangeException>(() => ImageEncoder.EncodeJpeg(TestImages.Noise(2, 2), quality));
}
