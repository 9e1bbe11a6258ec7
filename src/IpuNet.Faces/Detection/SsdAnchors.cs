using IpuNet.Faces.Networks;

namespace IpuNet.Faces.Detection;

/// <summary>A box that SSD starts from, in units of the square input: 0-1 from its top left.</summary>
internal readonly record struct SsdAnchor(float CentreX, float CentreY, float Width, float Height);

/// <summary>
/// The anchors of <see cref="SsdMobileNetV1"/>: those of Liu et al. 2016 (section 2.2) as TensorFlow's
/// multiple_grid_anchor_generator makes them with its usual settings.
/// </summary>
internal static class SsdAnchors
{
    private const float SmallestScale = 0.2f;
    private const float LargestScale = 0.95f;

    // TensorFlow writes 1/3 so.
    private const float AThird = 0.3333f;

    /// <summary>For each of the network's maps its anchors: row by row, cell by cell.</summary>
    public static IReadOnlyList<SsdAnchor[]> Maps { get; } = [.. SsdMobileNetV1.Maps.Select((map, i) => Create(map, i).ToArray())];

    private static IEnumerable<SsdAnchor> Create((int Cells, int Anchors) map, int index)
    {
        var shapes = Shapes(index).ToArray();
        for (int y = 0; y < map.Cells; y++)
        {
            for (int x = 0; x < map.Cells; x++)
            {
                foreach (var (width, height) in shapes)
                    yield return new SsdAnchor((x + 0.5f) / map.Cells, (y + 0.5f) / map.Cells, width, height);
            }
        }
    }

    private static IEnumerable<(float Width, float Height)> Shapes(int map)
    {
        float scale = ScaleOf(map);
        // The finest map has one small square and two boxes only ("reduce_boxes_in_lowest_layer").
        if (map == 0)
            return [Shape(SmallestScale / 2, 1f), Shape(scale, 2f), Shape(scale, 0.5f)];
        float between = MathF.Sqrt(scale * ScaleOf(map + 1));
        return [Shape(scale, 1f), Shape(between, 1f), Shape(scale, 2f), Shape(scale, 0.5f), Shape(scale, 3f), Shape(scale, AThird)];
    }

    private static float ScaleOf(int map)
    {
        int last = SsdMobileNetV1.Maps.Count - 1;
        return map > last ? 1f : SmallestScale + (LargestScale - SmallestScale) * map / last;
    }

    private static (float Width, float Height) Shape(float scale, float aspectRatio) =>
        (scale * MathF.Sqrt(aspectRatio), scale / MathF.Sqrt(aspectRatio));
}
