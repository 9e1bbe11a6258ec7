using IpuNet.Faces.Detection;
using IpuNet.Faces.Imaging;
using IpuNet.Faces.Tests.Imaging;

namespace IpuNet.Faces.Tests.Detection;

public class SquareSamplerTests
{
    [Fact]
    public void Sample_AtTheSameSize_CopiesThePixels()
    {
        RgbImage photo = TestImages.Noise(9, 9, seed: 1);

        Sample(photo, SquareView.Centred(0, 0, 9, 9), 9).ShouldBe(photo.Pixels);
    }

    // tf.image.resizeBilinear(tf.tensor3d([[[0], [100]], [[200], [40]]]), [4, 4], false, false), rounded.
    [Fact]
    public void Sample_WhenItEnlarges_IsTensorFlowsResizeBilinear()
    {
        var photo = Grey([0, 100, 200, 40], 2, 2);

        Red(Sample(
            photo, SquareView.Centred(0, 0, 2, 2), 4)).ShouldBe([0, 50, 100, 100, 100, 85, 70, 70, 200, 120, 40, 40, 200, 120, 40, 40]);
    }

    // The same for [[[10], [20], [30], [40], [50]] five times] and [2, 2]: it samples pixels 0 and 2.5.
    [Fact]
    public void Sample_WhenItShrinks_LooksAtTwoPixelsOnly()
    {
        var photo = Grey([.. Enumerable.Repeat<byte[]>([10, 20, 30, 40, 50], 5).SelectMany(row => row)], 5, 5);

        Red(Sample(photo, SquareView.Centred(0, 0, 5, 5), 2)).ShouldBe([10, 35, 10, 35]);
    }

    [Fact]
    public void Sample_OfACentredRectangle_IsBlackBesideIt()
    {
        var photo = Grey([.. Enumerable.Repeat((byte)200, 12)], 2, 6);

        Red(Sample(photo, SquareView.Centred(0, 0, 2, 6), 6))[..6].ShouldBe([0, 0, 200, 200, 0, 0]);
    }

    [Fact]
    public void Sample_OfAWindow_ShowsNothingAroundIt()
    {
        RgbImage photo = TestImages.Noise(20, 20, seed: 2);

        Sample(photo, SquareView.Centred(5, 6, 8, 8), 16).ShouldBe(Sample(photo.Crop(5, 6, 8, 8), SquareView.Centred(0, 0, 8, 8), 16));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3000)]
    [InlineData(3000, 1)]
    public void Sample_OfAnExtremePhoto_ShowsItsColourOrBlack(int width, int height)
    {
        var photo = new RgbImage(width, height);
        photo.Pixels.AsSpan().Fill(77);

        Sample(photo, SquareView.Centred(0, 0, width, height), 32).Max().ShouldBeLessThanOrEqualTo((byte)77);
    }

    private static byte[] Sample(RgbImage photo, SquareView view, int size)
    {
        var target = new byte[size * size * RgbImage.Channels];
        SquareSampler.Sample(photo, view, size, target);
        return target;
    }

    private static RgbImage Grey(byte[] values, int width, int height) =>
        new(width, height, [.. values.SelectMany(v => new[] { v, v, v })]);

    private static byte[] Red(byte[] pixels) => [.. pixels.Where((_, i) => i % RgbImage.Channels == 0)];
}
