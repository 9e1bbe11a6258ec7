using CsCheck;
using IpuNet.Faces.Imaging;
using OpenCvSharp;

namespace IpuNet.Faces.Tests.Imaging;

public class ImageQualityTests
{
    private static readonly Gen<(RgbImage A, RgbImage B)> Pairs = Gen.Select(Gen.Int[11, 60], Gen.Int[11, 60], Gen.Int[0, 120]).Select((width, height, noise) =>
    {
        RgbImage a = TestImages.Smooth(width, height), b = TestImages.Noise(width, height);
        for (int i = 0; i < b.Pixels.Length; i++)
            b.Pixels[i] = (byte)Math.Clamp(a.Pixels[i] + (b.Pixels[i] - 128) * noise / 128, 0, 255);
        return (a, b);
    });

    [Fact]
    public void Psnr_AnyPair_MatchesOpenCv() =>
        Pairs.Where(pair => !pair.A.Pixels.SequenceEqual(pair.B.Pixels)).Sample(pair =>
        {
            using Mat a = TestImages.ToMat(pair.A), b = TestImages.ToMat(pair.B);
            ImageQuality.Psnr(pair.A, pair.B).ShouldBe(Cv2.PSNR(a, b), 1e-6);
        }, iter: 50);

    [Fact]
    public void Psnr_EqualImages_IsInfinite() =>
        ImageQuality.Psnr(TestImages.Noise(5, 5), TestImages.Noise(5, 5)).ShouldBe(double.PositiveInfinity);

    [Fact]
    public void Ssim_AnyPair_MatchesOneMadeOfOpenCvsBlur() =>
        Pairs.Sample(pair => ImageQuality.Ssim(pair.A, pair.B).ShouldBe(OpenCvSsim(pair.A, pair.B), 1e-6), iter: 50);

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

    // The paper's formula, by variances, at every pixel whose window lies inside.
    private static double OpenCvSsim(RgbImage a, RgbImage b)
    {
        double[] x = Luma(a), y = Luma(b);
        double[] meanX = Blur(x), meanY = Blur(y), xx = Blur(Product(x, x)), yy = Blur(Product(y, y)), xy = Blur(Product(x, y));
        return Enumerable.Range(0, meanX.Length).Where(IsInside).Average(i =>
            (2 * meanX[i] * meanY[i] + 6.5025) * (2 * (xy[i] - meanX[i] * meanY[i]) + 58.5225)
            / ((meanX[i] * meanX[i] + meanY[i] * meanY[i] + 6.5025) * (xx[i] - meanX[i] * meanX[i] + yy[i] - meanY[i] * meanY[i] + 58.5225)));

        bool IsInside(int i) => i % a.Width is var column && column >= 5 && column < a.Width - 5 && i / a.Width is var row && row >= 5 && row < a.Height - 5;

        double[] Blur(double[] plane)
        {
            using Mat mat = Mat.FromPixelData(a.Height, a.Width, MatType.CV_64F, plane);
            using Mat blurred = mat.GaussianBlur(new OpenCvSharp.Size(11, 11), 1.5);
            blurred.GetArray(out double[] values);
            return values;
        }
    }

    private static double[] Product(double[] x, double[] y) => [.. x.Zip(y, (p, q) => p * q)];

    private static double[] Luma(RgbImage image) => [.. image.Pixels.Chunk(3).Select(p => 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2])];
}
