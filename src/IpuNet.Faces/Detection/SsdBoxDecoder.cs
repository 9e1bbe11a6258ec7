using IpuNet.Faces.Networks;

namespace IpuNet.Faces.Detection;

/// <summary>A box that may hold a face, before suppression.</summary>
internal readonly record struct ScoredBox(FaceBox Box, float Score);

/// <summary>Turns the outputs of <see cref="SsdMobileNetV1"/> into boxes.</summary>
internal static class SsdBoxDecoder
{
    // TensorFlow's faster_rcnn_box_coder: how much larger than itself the network writes each value.
    private const float CentreScale = 10f;
    private const float SizeScale = 5f;

    private const int FaceClass = 1;

    // e^10 anchors is far over any photo: a value beyond means nothing and must not become infinity.
    private const float LargestSizeValue = 10f * SizeScale;

    /// <summary>Decodes the boxes of one map of one square that score more than the minimum.</summary>
    /// <param name="map">Which of <see cref="SsdMobileNetV1.Maps"/>.</param>
    /// <param name="values">The network's output, [anchors * 7, cells, cells].</param>
    /// <param name="minimumScore">0-1.</param>
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
                // Written so that NaN is no face.
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
