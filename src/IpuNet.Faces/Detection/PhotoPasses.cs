namespace IpuNet.Faces.Detection;

/// <summary>A part of a photo that the detector sees at one scale, and the face heights that it is for.</summary>
/// <param name="X">Left edge of the part in the photo, in pixels.</param>
/// <param name="Y">Top edge.</param>
/// <param name="Width">Width of the part in pixels.</param>
/// <param name="Height">Height of the part in pixels.</param>
/// <param name="InputWidth">Width of the network's input in pixels.</param>
/// <param name="InputHeight">Height of the network's input in pixels.</param>
/// <param name="SmallestFace">Smallest height in photo pixels. Another pass sees smaller faces better.</param>
/// <param name="LargestFace">Largest height in photo pixels. Larger faces may be cut here; another pass sees them whole.</param>
internal readonly record struct PhotoPass(
    int X, int Y, int Width, int Height, int InputWidth, int InputHeight, float SmallestFace, float LargestFace);

/// <summary>
/// Divides the search of a photo into passes. The finest pass enlarges or shrinks the photo so that the smallest faces to search for are
/// large enough for the network. Each further pass is four times as coarse, until the largest possible face fits the network's priors. A
/// pass above four megapixels is divided into overlapping parts.
/// </summary>
internal static class PhotoPasses
{
    // In pixels of the network's input. The network's smallest prior has 10 px; its scores are low below this height.
    private const float SeenFace = 24f;

    // The network finds faces well up to this height. Parts overlap by it, so each such face is whole in one part.
    private const float WholeUpTo = 192f;

    private const float Coarser = 4f;

    // The network's first maps take 50 bytes per pixel of the input.
    private const int MostPixels = 4_000_000;
    private const int PartSide = 2000;

    private const int LeastInput = 8;

    /// <summary>
    /// The passes for a photo, finest first; none if no face of <see cref="FaceDetectorSettings.LeastFace"/> fits into it.
    /// </summary>
    public static IReadOnlyList<PhotoPass> Of(int width, int height, FaceDetectorSettings settings)
    {
        int shorter = Math.Min(width, height);
        if (shorter < FaceDetectorSettings.LeastFace)
            return [];
        List<PhotoPass> passes = [];
        float scale = SeenFace / Math.Min(settings.SmallestFace, shorter);
        for (bool isFinest = true; ; isFinest = false, scale /= Coarser)
        {
            // A face fills the photo at most, and somewhat more where the photo cuts it.
            bool isCoarsest = 1.5f * shorter * scale <= WholeUpTo;
            float smallest = isFinest ? 0f : WholeUpTo / Coarser / 1.5f / scale;
            float largest = isCoarsest ? float.PositiveInfinity : WholeUpTo / scale;
            passes.AddRange(Parts(width, height, scale).Select(part => part with { SmallestFace = smallest, LargestFace = largest }));
            if (isCoarsest)
                return passes;
        }
    }

    private static IEnumerable<PhotoPass> Parts(int width, int height, float scale)
    {
        int side = (double)width * height * scale * scale <= MostPixels ? int.MaxValue : Math.Max(1, (int)(PartSide / scale));
        int overlap = Math.Min(side / 2, (int)(WholeUpTo / scale));
        return
            from y in Starts(height, side, overlap)
            from x in Starts(width, side, overlap)
            let partWidth = Math.Min(side, width)
            let partHeight = Math.Min(side, height)
            select new PhotoPass(x, y, partWidth, partHeight, Scaled(partWidth, scale), Scaled(partHeight, scale), 0f, 0f);
    }

    private static int Scaled(int length, float scale) => Math.Max(LeastInput, (int)MathF.Round(length * scale));

    // Evenly spread, so that the last part ends at the photo's edge.
    private static IEnumerable<int> Starts(int length, int side, int overlap)
    {
        int rest = Math.Max(0, length - side);
        int steps = rest == 0 ? 0 : (rest + side - overlap - 1) / (side - overlap);
        return Enumerable.Range(0, steps + 1).Select(i => steps == 0 ? 0 : (int)((long)rest * i / steps));
    }
}
