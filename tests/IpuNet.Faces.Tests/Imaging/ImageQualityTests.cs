using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Tests.Imaging;

public class ImageQualityTests
{
    private readonly IReadOnlyList<MeasuredPair> _pairs = OpenCvGolden.Read().Pairs;

    [Fact]
    public void Psnr_AnyPair_MatchesOpenCv()
    {
        foreach (MeasuredPair pair in _pairs)
        {
            (RgbImage a, RgbImage b) = pair.Draw();
            if (!a.Pixels.SequenceEqual(b.Pixels))
                ImageQuality.Psnr(a, b).ShouldBe(pair.Psnr, 1e-6, pair.ToString());
        }
    }

    [Fact]
    public void Psnr_EqualImages_IsInfinite() =>
        ImageQuality.Psnr(TestImages.Noise(5, 5), TestImages.Noise(5, 5)).ShouldBe(double.PositiveInfinity);

    [Fact]
    public void Ssim_AnyPair_MatchesOneMadeOfOpenCvsBlur()
    {
        foreach (MeasuredPair pair in _pairs)
        {
            (RgbImage a, RgbImage b) = pair.Draw();
            ImageQuality.Ssim(a, b).ShouldBe(pair.Ssim, 1e-6, pair.ToString());
        }
    }

    [Fact]
    public void Ssim_EqualImages_IsOne() =>
        ImageQuality.Ssim(TestImages.Noise(30, 20), TestImages.Noise(30, 20)).ShouldBe(1, 1e-12);

    [Fact]
    public void Ssim_SmallerThanTheWindow_Throws() =>
        Should.Throw<ArgumentException>(() => ImageQuality.Ssim(TestImages.Noise(10, 30), TestImages.Noise(10, 30)))
            .Message.ShouldContain("11 x 11 px or more, not 10 x 30 px");

    [Fact]
    public void Psnr_DifferentSizes_Throws() =>
        Should.Throw<ArgumentException>(() => ImageQuality.Psnr(TestImages.Noise(10, 30), TestImages.Noise(30, 10)));
}
