using CsCheck;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Tests.Imaging;

public class ResamplerTests
{
    private static readonly Gen<(int W, int H)> Sizes = Gen.Select(Gen.Int[1, 70], Gen.Int[1, 70]);

    public static TheoryData<Resizing> AreaResizings => new(OpenCvGolden.Resizings(ResampleFilter.Area));

    public static TheoryData<Resizing> BilinearResizings => new(OpenCvGolden.Resizings(ResampleFilter.Bilinear));

    // OpenCV rounds halves to the even level.
    [Theory]
    [MemberData(nameof(AreaResizings))]
    public void Resize_AreaShrinking_MatchesOpenCv(Resizing size) =>
        DifferenceFromOpenCv(size, ResampleFilter.Area).ShouldBeLessThanOrEqualTo(1);

    // For 8-bit pixels OpenCV uses 11-bit fixed-point weights.
    [Theory]
    [MemberData(nameof(BilinearResizings))]
    public void Resize_Bilinear_MatchesOpenCv(Resizing size) =>
        DifferenceFromOpenCv(size, ResampleFilter.Bilinear).ShouldBeLessThanOrEqualTo(1);

    [Theory]
    [InlineData(16, 16, 128, 128)]
    [InlineData(7, 6, 128, 128)]
    [InlineData(2, 3, 31, 17)]
    [InlineData(120, 120, 128, 128)]
    [InlineData(90, 61, 31, 47)]
    public void Resize_Bicubic_MatchesDirectEvaluationInDoubles(int width, int height, int toWidth, int toHeight)
    {
        RgbImage source = TestImages.Noise(width, height);

        RgbImage result = Resampler.Resize(source, toWidth, toHeight, ResampleFilter.Bicubic);

        for (int y = 0; y < toHeight; y++)
        {
            for (int i = 0; i < toWidth * RgbImage.Channels; i++)
            {
                double exact = BicubicAt(source, (i / 3 + 0.5) * width / toWidth - 0.5, (y + 0.5) * height / toHeight - 0.5, i % 3);
                ((double)result.Row(y)[i]).ShouldBe(Math.Clamp(exact, 0, 255), 0.5001);
            }
        }
    }

    [Fact]
    public void Resize_Bicubic_IsExactForQuadratics()
    {
        // Only a = -0.5 has this property.
        RgbImage source = TestImages.Draw(12, 12, (x, _) => ((byte)((x - 0.5) * (x - 0.5)), 0, 0));

        RgbImage result = Resampler.Resize(source, 12 * 8, 12, ResampleFilter.Bicubic);

        for (int x = 16; x < 76; x++)
            ((double)result.Row(6)[x * 3]).ShouldBe(Math.Pow((x + 0.5) / 8 - 0.5, 2), 0.5001);
    }

    [Theory]
    [InlineData(ResampleFilter.Area)]
    [InlineData(ResampleFilter.Bilinear)]
    [InlineData(ResampleFilter.Bicubic)]
    public void Resize_UniformImage_StaysUniform(ResampleFilter filter) =>
        Gen.Select(Sizes, Sizes, Gen.Byte).Sample((from, to, level) =>
        {
            RgbImage result = Resampler.Resize(TestImages.Uniform(from.W, from.H, level, 0, 255), to.W, to.H, filter);
            TestImages.MaxDifference(result, TestImages.Uniform(to.W, to.H, level, 0, 255)).ShouldBe(0);
        }, iter: 100);

    [Theory]
    [InlineData(ResampleFilter.Area)]
    [InlineData(ResampleFilter.Bilinear)]
    [InlineData(ResampleFilter.Bicubic)]
    public void Resize_SameSize_ChangesNothing(ResampleFilter filter) =>
        Sizes.Sample(size =>
        {
            RgbImage source = TestImages.Noise(size.W, size.H);
            TestImages.MaxDifference(Resampler.Resize(source, size.W, size.H, filter), source).ShouldBe(0);
        }, iter: 50);

    [Theory]
    [InlineData(ResampleFilter.Area)]
    [InlineData(ResampleFilter.Bilinear)]
    [InlineData(ResampleFilter.Bicubic)]
    public void Resize_MirroredImage_IsTheMirrorOfTheResult(ResampleFilter filter) =>
        Gen.Select(Sizes, Sizes).Sample((from, to) =>
        {
            RgbImage source = TestImages.Noise(from.W, from.H);
            RgbImage mirrored = Resampler.Resize(source.FlipHorizontally(), to.W, to.H, filter);
            TestImages.MaxDifference(
                mirrored.FlipHorizontally(), Resampler.Resize(source, to.W, to.H, filter)).ShouldBeLessThanOrEqualTo(1);
        }, iter: 100);

    [Fact]
    public void Resize_AreaEnlargingByWholeFactor_RepeatsPixels()
    {
        RgbImage source = TestImages.Noise(5, 4);

        RgbImage result = Resampler.Resize(source, 15, 12, ResampleFilter.Area);

        for (int y = 0; y < 12; y++)
        {
            for (int x = 0; x < 15; x++)
                result.Row(y).Slice(x * 3, 3).SequenceEqual(source.Row(y / 3).Slice(x / 3 * 3, 3)).ShouldBeTrue();
        }
    }

    [Fact]
    public void Resize_UnknownFilter_Throws() =>
        Should.Throw<ArgumentOutOfRangeException>(() => Resampler.Resize(TestImages.Noise(2, 2), 3, 3, (ResampleFilter)9));

    private static int DifferenceFromOpenCv(Resizing size, ResampleFilter filter) => TestImages.MaxDifference(
        Resampler.Resize(TestImages.Noise(size.Width, size.Height), size.ToWidth, size.ToHeight, filter),
        OpenCvGolden.ReadPicture(OpenCvGolden.ResizedName(filter, size)));

    // The textbook's two-dimensional sum, with the kernel as a function of distance.
    private static double BicubicAt(RgbImage image, double x, double y, int channel)
    {
        double sum = 0;
        for (int j = (int)Math.Floor(y) - 1; j <= (int)Math.Floor(y) + 2; j++)
        {
            for (int i = (int)Math.Floor(x) - 1; i <= (int)Math.Floor(x) + 2; i++)
            {
                byte level = image.Row(Math.Clamp(j, 0, image.Height - 1))[Math.Clamp(i, 0, image.Width - 1) * 3 + channel];
                sum += Kernel(x - i) * Kernel(y - j) * level;
            }
        }

        return sum;

        static double Kernel(double distance) => Math.Abs(distance) switch
        {
            <= 1 and var d => 1.5 * d * d * d - 2.5 * d * d + 1,
            <= 2 and var d => -0.5 * d * d * d + 2.5 * d * d - 4 * d + 2,
            _ => 0,
        };
    }
}
