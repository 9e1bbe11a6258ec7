using IpuNet.Contract;
using IpuNet.Faces.Networks;

namespace IpuNet.Faces.Detection;

/// <summary>A candidate box and its score, 0-1.</summary>
internal readonly record struct ScoredBox(FaceBox Box, float Score);

/// <summary>Turns the outputs of <see cref="SsdMobileNetV1"/> into boxes.</summary>
internal static class SsdBoxDecoder
{
    // TensorFlow's faster_rcnn_box_coder: the network's values are this many times the offsets.
    private const float CentreScale = 10f;
    private const float SizeScale = 5f;

    private const int FaceClass = 1;

    // e^10 anchors is larger than any photo. The limit keeps a meaningless value from becoming infinity.
    private const float LargestSizeValue = 10f * SizeScale;

    /// <summary>Decodes the boxes of one output map that score more than the minimum.</summary>
    /// <param name="map">Index in <see cref="SsdMobileNetV1.Maps"/>.</param>
    /// <param name="values">The network's output, [anchors * 7, cells, cells].</param>
    /// <param name="minimumScore">The minimum score, 0-1.</param>
    /// <param name="boxes">Receives the boxes, in units of the square: (0, 0, 1, 1) is the whole square.</param>
    public static void Decode(int map, ReadOnlySpan<float> values, float minimumScore, List<ScoredBox> boxes)
    {
        var (cells, anchors) = SsdMobileNetV1.Maps[map];
        SsdAnchor[] places = SsdAnchors.Maps[map];
        int area = cells * cells;
        for (int cell = 0; cell < area; cell++)
        {
            for (int a = 0; a < anchors; a++)
            {
                int face = anchors * SsdMobileNetV1.BoxValues + a * SsdMobileNetV1.ClassValues + FaceClass;
                float score = 1f / (1f + MathF.Exp(-values[face * area + cell]));
                // This form also skips NaN.
                if (!(score > minimumScore))
                    continue;
                int box = a * SsdMobileNetV1.BoxValues * area + cell;
                boxes.Add(new ScoredBox(
                    Place(places[cell * anchors + a], values[box], values[box + area], values[box + 2 * area], values[box + 3 * area]),
                    score));
            }
        }
    }

    private static FaceBox Place(SsdAnchor anchor, float centreY, float centreX, float height, float width)
    {
        float w = anchor.Width * MathF.Exp(Math.Min(width, LargestSizeValue) / SizeScale);
        float h = anchor.Height * MathF.Exp(Math.Min(height, LargestSizeValue) / SizeScale);
        float x = anchor.CentreX + centreX / CentreScale * anchor.Width;
        float y = anchor.CentreY + centreY / CentreScale * anchor.Height;
        return new FaceBox(x - w / 2, y - h / 2, w, h);
    }
}

/// <summary>A default box of SSD, in units of the square input: 0-1 from the top left.</summary>
internal readonly record struct SsdAnchor(float CentreX, float CentreY, float Width, float Height);

/// <summary>
/// The anchors of <see cref="SsdMobileNetV1"/>: the default boxes of SSD (Liu et al. 2016, section 2.2), made as in TensorFlow's
/// multiple_grid_anchor_generator with its default settings.
/// </summary>
internal static class SsdAnchors
{
    private const float SmallestScale = 0.2f;
    private const float LargestScale = 0.95f;

    // TensorFlow's value for 1/3.
    private const float AThird = 0.3333f;

    /// <summary>The anchors of each output map: row by row, cell by cell.</summary>
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
        // The finest map has only one small square and two other boxes ("reduce_boxes_in_lowest_layer").
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
