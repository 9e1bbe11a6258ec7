using IpuNet.Faces.Imaging;

namespace IpuNet.Faces.Tests.Imaging;

public class FaceTileTests
{
    private static readonly RgbImage Black = new(2, 2);

    [Fact]
    public void Compose_Grid_HasGapsBetweenTilesOnly()
    {
        RgbImage grid = FaceTile.Compose([Black, Black, Black, Black, Black], columns: 3, gap: 1);

        (grid.Width, grid.Height).ShouldBe((8, 5));
        Levels(grid, 0).ShouldBe([0, 0, 255, 0, 0, 255, 0, 0]);
        Levels(grid, 2).ShouldBe([255, 255, 255, 255, 255, 255, 255, 255]);
        Levels(grid, 4).ShouldBe([0, 0, 255, 0, 0, 255, 255, 255]);
    }

    [Fact]
    public void Compose_FewerTilesThanColumns_IsNarrower() =>
        FaceTile.Compose([Black, Black], columns: 9, gap: 3).Width.ShouldBe(7);

    [Fact]
    public void Compose_SmallTile_LiesInTheMiddleOfItsCell() =>
        Levels(FaceTile.Compose([Black, new RgbImage(4, 2)], columns: 1, gap: 0), 0).ShouldBe([255, 0, 0, 255]);

    [Fact]
    public void Compose_NoTiles_Throws() =>
        Should.Throw<ArgumentOutOfRangeException>(() => FaceTile.Compose([], columns: 1, gap: 0));

    private static byte[] Levels(RgbImage image, int row) => [.. image.Row(row).ToArray().Where((_, i) => i % RgbImage.Channels == 0)];
}
