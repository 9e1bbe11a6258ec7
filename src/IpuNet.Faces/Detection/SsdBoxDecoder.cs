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

    /// <summary>Decodes the boxes of one square that score more than the minimum.</summary>
    /// <param name="maps">The outputs for this square, one for each of <see cref="SsdMobileNetV1.Maps"/>, [anchors * 7, cells, cells].</param>
    /// <param name="minimumScore">0-1.</param>
    /// <param name="boxes">Receives the boxes, in units of the square: (0, 0, 1, 1) is the whole square.</param>
    public static void Decode(IReadOnlyList<ReadOnlyMemory<float>> maps, float minimumScore, List<ScoredBox> boxes)
    {
        int firstAnchor = 0;
        for (int i = 0; i < SsdMobileNetV1.Maps.Count; i++)
        {
            var (cells, anchors) = SsdMobileNetV1.Maps[i];
            DecodeMap(maps[i].Span, cells * cells, anchors, firstAnchor, minimumScore, boxes);
            firstAnchor += cells * cells * anchors;
        }
    }

    private static void DecodeMap(ReadOnlySpan<float> map, int area, int anchors, int firstAnchor, float minimumScore, List<ScoredBox> boxes)
    {
        for (int cell = 0; cell < area; cell++)
        {
            for (int a = 0; a < anchors; a++)
            {
                int classChannel = anchors * SsdMobileNetV1.BoxValues + a * SsdMobileNetV1.ClassValues + FaceClass;
                float score = 1f / (1f + MathF.Exp(-map[classChannel * area + cell]));
                // Written so that NaN is no face.
                if (!(score > minimumScore))
                    continue;
                int boxChannel = a * SsdMobileNetV1.BoxValues;
                boxes.Add(new ScoredBox(
                    Place(
                        SsdAnchors.All[firstAnchor + cell * anchors + a],
                        map[boxChannel * area + cell],
                        map[(boxChannel + 1) * area + cell],
                        map[(boxChannel + 2) * area + cell],
                        map[(boxChannel + 3) * area + cell]),
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
