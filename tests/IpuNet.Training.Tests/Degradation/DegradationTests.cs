using IpuNet.Faces.Imaging;
using IpuNet.Training.Degradation;

namespace IpuNet.Training.Tests.Degradation;

public sealed class DegradationTests
{
    [Theory]
    [InlineData("7x6", 7, 6)]
    [InlineData("112x96", 112, 96)]
    [InlineData("16", 16, 16)]
    public void Parse_HeightAndWidth_AreReadInThisOrder(string text, int height, int width) =>
        FaceSize.Parse(text).ShouldBe(new FaceSize(height, width));

    [Theory]
    [InlineData("")]
    [InlineData("0x4")]
    [InlineData("129x4")]
    [InlineData("7x6x5")]
    [InlineData("-7x6")]
    [InlineData("axb")]
    public void TryParse_NoSize_IsRefused(string text) => FaceSize.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Make_HalfTheSize_AveragesFourPixels()
    {
        var image = new RgbImage(128, 128);
        for (int i = 0; i < image.Pixels.Length; i++)
            image.Pixels[i] = (byte)(i / 3 % 2 * 100);

        LowResolution.Make(image, new FaceSize(64, 64)).Pixels.ShouldAllBe(p => p == 50);
    }

    [Fact]
    public void MakeAsCamera_SameSeed_GivesTheSameFace()
    {
        RgbImage Make(int seed) => LowResolution.MakeAsCamera(Noise(), new FaceSize(24, 20), new CameraOptions(), new Random(seed));

        Make(1).Pixels.ShouldBe(Make(1).Pixels);
        Make(1).Pixels.ShouldNotBe(Make(2).Pixels);
        (Make(1).Width, Make(1).Height).ShouldBe((20, 24));
    }

    [Fact]
    public void Apply_FlatImage_StaysFlat() =>
        GaussianBlur.Apply(new RgbImage(9, 7, [.. Enumerable.Repeat((byte)77, 9 * 7 * 3)]), sigma: 2).Pixels.ShouldAllBe(p => p == 77);

    [Fact]
    public void Kernel_AnySigma_SumsToOne() => GaussianBlur.Kernel(1.3, 4).Sum().ShouldBe(1f, 1e-6f);

    private static RgbImage Noise()
    {
        var image = new RgbImage(128, 128);
        new Random(9).NextBytes(image.Pixels);
        return image;
    }
}
