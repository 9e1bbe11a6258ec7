using IpuNet.Faces.Networks;

namespace IpuNet.Faces.Detection;

/// <summary>A part of a photo that the detector is shown, and which faces it is shown for.</summary>
/// <param name="View">The part.</param>
/// <param name="SmallestFace">Faces lower than this, in pixels of the photo, are left to finer windows: here their boxes are rough.</param>
/// <param name="LargestFace">Faces higher than this are left to coarser windows, which show them whole.</param>
internal readonly record struct PhotoWindow(SquareView View, float SmallestFace, float LargestFace);

/// <summary>
/// The windows through which a photo is looked at: the whole; the whole from afar, for faces that fill it; and for small
/// faces squares that overlap, at one scale after the other, each twice as fine, until the smallest faces looked for are
/// large enough for the network.
/// </summary>
internal static class PhotoWindows
{
    // In the network's pixels. Measured: of faces this high it finds nine in ten (at a score of 0.2; seven in ten at 0.5).
    private const float SeenFace = 24f;

    // Between these a face is found well; windows overlap by the larger one, so that each such face is whole in one of them.
    private const float RoughBelow = 0.75f * SeenFace;
    private const float WholeUpTo = 3f * SeenFace;

    // Measured on LFW, where faces are about half as high as the photo: the network misses one in nine, and of 200 none once
    // the photo also comes with as much black around it.
    private const int Afar = 2;
    private const float FillingShare = 0.25f;

    // Below this gain in scale over the whole photo, windows are not worth their time.
    private const float WorthwhileGain = 1.25f;

    /// <summary>
    /// The windows for a photo; the first shows all of it, as large as it can be. None where no face fits: a strip of 9000 x 2 px costs
    /// nothing, and of a photo of 30000 x 30 px only windows are looked through in which a face as high as the strip is large enough.
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

        // Where even a face that fills the shorter side is too small for the network, there is nothing to find.
        bool ShowsFaces(float scale) => RoughBelow * scale <= shorter;
    }

    // Photo pixels for one of the network's, coarsest first.
    private static Stack<float> FinerScales(float whole, float finest)
    {
        var scales = new Stack<float>();
        for (float scale = finest; scale * WorthwhileGain < whole; scale *= 2)
            scales.Push(scale);
        return scales;
    }

    private static List<SquareView> Grid(int width, int height, int side) =>
        [.. from y in Starts(height, side) from x in Starts(width, side) select SquareView.TopLeft(x, y, Math.Min(side, width), Math.Min(side, height))];

    // Spread evenly, so that the last window ends where the photo does.
    private static IEnumerable<int> Starts(int length, int side)
    {
        int rest = Math.Max(0, length - side);
        int steps = (int)MathF.Ceiling(rest / (side * (1 - WholeUpTo / SsdMobileNetV1.InputSize)));
        return Enumerable.Range(0, steps + 1).Select(i => steps == 0 ? 0 : (int)((long)rest * i / steps));
    }
}
