using IpuNet.Contract;
using IpuNet.Faces.Networks;

namespace IpuNet.Faces.Detection;

/// <summary>Turns the outputs of <see cref="Rfb320"/> into boxes.</summary>
internal static class RfbBoxDecoder
{
    // The original's variances: the network's values are this share of the prior.
    private const float CentreVariance = 0.1f, SizeVariance = 0.2f;

    // e^10 priors is larger than any photo. The limit keeps a meaningless value from becoming infinity.
    private const float LargestSizeValue = 10f / SizeVariance;

    /// <summary>Decodes the boxes of one output map that score more than the minimum.</summary>
    /// <param name="map">Index in <see cref="Rfb320.Maps"/>.</param>
    /// <param name="values">The network's output, [priors * 6, rows, columns].</param>
    /// <param name="input">Width and height of the network's input in pixels.</param>
    /// <param name="cells">Columns and rows of the output.</param>
    /// <param name="minimumScore">The minimum score, 0-1.</param>
    /// <param name="boxes">Receives the boxes, in pixels of the network's input.</param>
    public static void Decode(
        int map, ReadOnlySpan<float> values, (int Width, int Height) input, (int Columns, int Rows) cells, float minimumScore,
        List<DetectedFace> boxes)
    {
        IReadOnlyList<int> sides = Rfb320.Maps[map];
        int area = cells.Columns * cells.Rows;
        // The comparison of logits saves the exponential of nearly all cells.
        float minimumLogit = MathF.Log(minimumScore / (1f - minimumScore));
        for (int prior = 0; prior < sides.Count; prior++)
        {
            ReadOnlySpan<float> background = values.Slice(prior * Rfb320.ClassValues * area, area);
            ReadOnlySpan<float> face = values.Slice((prior * Rfb320.ClassValues + 1) * area, area);
            ReadOnlySpan<float> place = values.Slice(
                (sides.Count * Rfb320.ClassValues + prior * Rfb320.BoxValues) * area, Rfb320.BoxValues * area);
            float width = Math.Min(sides[prior], input.Width), height = Math.Min(sides[prior], input.Height);
            for (int cell = 0; cell < area; cell++)
            {
                float logit = face[cell] - background[cell];
                // This form also skips NaN.
                if (!(logit > minimumLogit))
                    continue;
                // As in the original, the cells share the input evenly, also where it is no multiple of the stride.
                float x = (cell % cells.Columns + 0.5f) / cells.Columns * input.Width + place[cell] * CentreVariance * width;
                float y = (cell / cells.Columns + 0.5f) / cells.Rows * input.Height + place[cell + area] * CentreVariance * height;
                float w = width * Grown(place[cell + 2 * area]), h = height * Grown(place[cell + 3 * area]);
                boxes.Add(new DetectedFace(new FaceBox(x - w / 2, y - h / 2, w, h), 1f / (1f + MathF.Exp(-logit))));
            }
        }
    }

    private static float Grown(float value) => MathF.Exp(Math.Min(value, LargestSizeValue) * SizeVariance);
}
