namespace IpuNet.Faces.Imaging;

/// <summary>Composes images into a strip or a grid, to compare faces.</summary>
public static class FaceTile
{
    // White, as the pages that show these images.
    private const byte Background = 255;

    /// <summary>
    /// Lays tiles out row by row, left to right, on white. All cells have the width and the height of the largest tiles. A smaller tile is
    /// centred in its cell and not scaled.
    /// </summary>
    /// <param name="tiles">The tiles, at least one.</param>
    /// <param name="columns">Tiles per row, at least 1. Fewer tiles make a narrower image.</param>
    /// <param name="gap">White pixels between cells, at least 0. There is no gap at the border.</param>
    public static RgbImage Compose(IReadOnlyList<RgbImage> tiles, int columns, int gap)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        ArgumentOutOfRangeException.ThrowIfZero(tiles.Count, nameof(tiles));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(columns);
        ArgumentOutOfRangeException.ThrowIfNegative(gap);

        columns = Math.Min(columns, tiles.Count);
        int rows = (tiles.Count + columns - 1) / columns;
        int width = tiles.Max(t => t.Width), height = tiles.Max(t => t.Height);
        var picture = new RgbImage(checked(columns * (width + gap) - gap), checked(rows * (height + gap) - gap));
        picture.Pixels.AsSpan().Fill(Background);
        for (int i = 0; i < tiles.Count; i++)
        {
            RgbImage tile = tiles[i];
            int left = i % columns * (width + gap) + (width - tile.Width) / 2;
            int top = i / columns * (height + gap) + (height - tile.Height) / 2;
            picture.Paste(tile, left, top);
        }

        return picture;
    }
}
