using CsCheck;
using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Tests.Imaging;

public class RgbImageTests
{
    [Fact]
    public void Crop_AnyRectangle_RepeatsEdgePixelsOutside() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[1, 12], Gen.Int[-30, 30], Gen.Int[-30, 30], Gen.Int[1, 40], Gen.Int[1, 40])
            .Sample((imageWidth, imageHeight, x, y, width, height) =>
            {
                RgbImage image = TestImages.Noise(imageWidth, imageHeight);
                RgbImage crop = image.Crop(x, y, width, height);
                for (int j = 0; j < height; j++)
                {
                    for (int i = 0; i < width; i++)
                    {
                        int sourceX = Math.Clamp(x + i, 0, imageWidth - 1);
                        int sourceY = Math.Clamp(y + j, 0, imageHeight - 1);
                        crop.Row(j).Slice(i * 3, 3).SequenceEqual(image.Row(sourceY).Slice(sourceX * 3, 3)).ShouldBeTrue();
                    }
                }
            }, iter: 200);

    [Theory]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void Crop_FarOutside_IsTheEdge(int x)
    {
        RgbImage image = TestImages.Noise(4, 4);

        RgbImage crop = image.Crop(x, x, 3, 3);

        int edge = x < 0 ? 0 : 3;
        TestImages.MaxDifference(crop, image.Crop(edge, edge, 1, 1).Crop(0, 0, 3, 3)).ShouldBe(0);
    }

    [Fact]
    public void FlipHorizontally_Pixels_ChangeSides()
    {
        var image = new RgbImage(3, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9]);

        image.FlipHorizontally().Pixels.ShouldBe([7, 8, 9, 4, 5, 6, 1, 2, 3]);
    }

    [Fact]
    public void Constructor_WrongNumberOfBytes_Throws() =>
        Should.Throw<ArgumentException>(() => new RgbImage(2, 2, new byte[11])).Message.ShouldContain("2 x 2 px has 12 bytes, not 11");
}
