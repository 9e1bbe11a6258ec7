namespace IpuNet.Faces.Imaging;

/// <summary>
/// Along one axis: which source pixels make each target pixel, and with which weights. What falls off the edge is added to the
/// edge pixel, so that the pixels of one target pixel are a run inside the source and their weights sum to 1.
/// </summary>
internal sealed class ResampleTaps
{
    private readonly int _stride;
    private readonly int[] _first;
    private readonly int[] _count;
    private readonly float[] _weights;

    private ResampleTaps(int targetSize, int stride)
    {
        _stride = stride;
        _first = new int[targetSize];
        _count = new int[targetSize];
        _weights = new float[targetSize * stride];
    }

    /// <summary>Index of the first source pixel of a target pixel.</summary>
    public int First(int target) => _first[target];

    /// <summary>Weights of the source pixels from <see cref="First"/> on.</summary>
    public ReadOnlySpan<float> Weights(int target) => _weights.AsSpan(target * _stride, _count[target]);

    /// <summary>The taps that resize <paramref name="sourceSize"/> pixels to <paramref name="targetSize"/>.</summary>
    public static ResampleTaps Create(int sourceSize, int targetSize, ResampleFilter filter) => filter switch
    {
        ResampleFilter.Area => CreateArea(sourceSize, targetSize),
        ResampleFilter.Bilinear => CreateInterpolating(sourceSize, targetSize, 2, static (t, weights) => (weights[0], weights[1]) = ((float)(1 - t), (float)t)),
        ResampleFilter.Bicubic => CreateInterpolating(sourceSize, targetSize, BicubicKernel.Taps, BicubicKernel.Weights),
        _ => throw new ArgumentOutOfRangeException(nameof(filter), filter, "This resampling filter is not known."),
    };

    private static ResampleTaps CreateArea(int sourceSize, int targetSize)
    {
        double scale = (double)sourceSize / targetSize;
        var taps = new ResampleTaps(targetSize, (int)Math.Ceiling(scale) + 1);
        for (int i = 0; i < targetSize; i++)
        {
            // Edges from whole numbers: i * scale would leave slivers of pixels that are not covered at all.
            double start = (double)((long)i * sourceSize) / targetSize;
            double end = (double)((long)(i + 1) * sourceSize) / targetSize;
            int first = (int)start;
            int last = Math.Min((int)Math.Ceiling(end), sourceSize);
            taps._first[i] = first;
            taps._count[i] = last - first;
            for (int j = first; j < last; j++)
                taps._weights[i * taps._stride + j - first] = (float)((Math.Min(j + 1, end) - Math.Max(j, start)) / scale);
        }

        return taps;
    }

    private static ResampleTaps CreateInterpolating(int sourceSize, int targetSize, int support, Action<double, Span<float>> weigh)
    {
        double scale = (double)sourceSize / targetSize;
        var taps = new ResampleTaps(targetSize, support);
        Span<float> weights = stackalloc float[support];
        for (int i = 0; i < targetSize; i++)
        {
            double position = (i + 0.5) * scale - 0.5;
            int floor = (int)Math.Floor(position);
            weigh(position - floor, weights);

            int start = floor - (support / 2 - 1);
            int first = Math.Clamp(start, 0, sourceSize - 1);
            taps._first[i] = first;
            taps._count[i] = Math.Clamp(start + support - 1, 0, sourceSize - 1) - first + 1;
            for (int k = 0; k < support; k++)
                taps._weights[i * support + Math.Clamp(start + k, 0, sourceSize - 1) - first] += weights[k];
        }

        return taps;
    }
}
