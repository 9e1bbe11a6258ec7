using IpuNet.Faces.Networks;

namespace IpuNet.Faces.Detection;

/// <summary>A part of a photo for the detector, and the range of face heights that it is for.</summary>
/// <param name="View">The part of the photo.</param>
/// <param name="SmallestFace">Smallest height in photo pixels. Boxes of smaller faces are rough here; finer windows find them.</param>
/// <param name="LargestFace">Largest height in photo pixels. Larger faces may be cut here; coarser windows show them whole.</param>
internal readonly record struct PhotoWindow(SquareView View, float SmallestFace, float LargestFace);

/// <summary>
/// Divides a photo into windows for the detector: the whole photo, then overlapping squares for small faces, and last the whole photo with
/// a black border, for faces that fill it. The squares come in several scales, each twice as fine as the one before, until the smallest
/// faces to search for are large enough for the network.
/// </summary>
internal static class PhotoWindows
{
    // In pixels of the network's input. Measured: of faces of this height it finds nine in ten at a score of 0.2, seven in ten at 0.5.
    private const float SeenFace = 24f;

    // Faces between these heights are found well. Windows overlap by the larger height, so each such face is whole in one window.
    private const float RoughBelow = 0.75f * SeenFace;
    private const float WholeUpTo = 3f * SeenFace;

    // Measured on LFW, where faces are about half as high as the photo: the network misses one face in nine. With a second window that
    // shows the photo in a black square twice as large, it misses none of 200.
    private const int Afar = 2;
    private const float FillingShare = 0.25f;

    // Windows with a smaller gain in scale over the whole photo are not worth their time.
    private const float WorthwhileGain = 1.25f;

    /// <summary>
    /// The windows for a photo, the whole photo first. A window is left out if even a face as high as the photo's shorter side is too small
    /// in it: a strip of 9000 x 2 px has no windows, and a strip of 30000 x 30 px only fine ones.
    /// </summary>
    public static IReadOnlyList<PhotoWindow> Of(int width, int height, FaceDetectorSettings settings)
    {
        int longer = Math.Max(width, height), shorter = Math.Min(width, height);
        if (shorter < FaceDetectorSettings.LeastFace)
            return [];
        float whole = (float)longer / SsdMobileNetV1.InputSize;
        var levels = new List<(float Scale, List<SquareView> Views)>();
        int left = settings.MaximumWindows;
        if (ShowsFaces(whole))
            levels.Add((whole, [SquareView.TopLeft(0, 0, width, height)]));
        left -= levels.Count;
        bool fromAfar = levels.Count > 0 && left-- > 0;
        foreach (float scale in FinerScales(whole, settings.SmallestFace / SeenFace).Where(ShowsFaces))
        {
            var grid = Grid(width, height, Math.Max(1, (int)MathF.Round(scale * SsdMobileNetV1.InputSize)));
            if ((left -= grid.Count) < 0)
                break;
            levels.Add((scale, grid));
        }

        var windows = levels.SelectMany((level, i) => level.Views.Select(view => new PhotoWindow(
            view,
            SmallestFace: i < levels.Count - 1 ? RoughBelow * level.Scale : 0f,
            LargestFace: i > 0 ? WholeUpTo * level.Scale : float.PositiveInfinity))).ToList();
        if (fromAfar)
            windows.Add(new(SquareView.Centred(0, 0, width, height, Afar * longer), FillingShare * longer, float.PositiveInfinity));
        return windows;

        // False if even a face that fills the shorter side is too small for the network.
        bool ShowsFaces(float scale) => RoughBelow * scale <= shorter;
    }

    // Photo pixels per pixel of the network's input, coarsest first.
    private static Stack<float> FinerScales(float whole, float finest)
    {
        var scales = new Stack<float>();
        for (float scale = finest; scale * WorthwhileGain < whole; scale *= 2)
            scales.Push(scale);
        return scales;
    }

    private static List<SquareView> Grid(int width, int height, int side) =>
    [
        .. from y in Starts(height, side)
           from x in Starts(width, side)
           select SquareView.TopLeft(x, y, Math.Min(side, width), Math.Min(side, height)),
    ];

    // Evenly spread, so that the last window ends at the photo's edge.
    private static IEnumerable<int> Starts(int length, int side)
    {
        int rest = Math.Max(0, length - side);
        int steps = (int)MathF.Ceiling(rest / (side * (1 - WholeUpTo / SsdMobileNetV1.InputSize)));
        return Enumerable.Range(0, steps + 1).Select(i => steps == 0 ? 0 : (int)((long)rest * i / steps));
    }
}
