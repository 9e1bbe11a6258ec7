namespace IpuNet.Faces.Networks;

/// <summary>
/// face-api's landmark network: four dense blocks of depthwise separable convolutions, after DenseNet (Huang et al. 2017) and Xception
/// (Chollet 2017). Input: [3, 112, 112], RGB, 0-255, a face's box centred in a black square. Output: [136, 1, 1], the 68 iBUG landmarks as
/// x, y, x, y ... in 0-1 of the square. The weight names are those of face-api's manifest, with '.' for '/'.
/// </summary>
public sealed class FaceLandmark68 : INetwork
{
    /// <summary>Side of the square input in pixels.</summary>
    public const int InputSize = 112;

    /// <summary>The number of landmarks.</summary>
    public const int Points = 68;

    // The mean colour of VGG-Face's training set, from dlib.
    private static readonly float[] Mean = [122.782f, 117.001f, 104.298f];
    private const float Scale = 1f / 255f;

    private static readonly int[] BlockChannels = [32, 64, 128, 256];

    /// <inheritdoc/>
    public string Architecture => "face-landmark-68";

    /// <inheritdoc/>
    public FeatureShape Input => new(3, InputSize, InputSize);

    /// <summary>Runs the network.</summary>
    /// <param name="ops">The backend.</param>
    /// <param name="x">[N, 3, 112, 112], RGB, 0-255.</param>
    /// <returns>The landmarks, [136, 1, 1].</returns>
    public IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x)
    {
        ArgumentNullException.ThrowIfNull(ops);
        x = ops.Affine(x, [Scale, Scale, Scale], [.. Mean.Select(m => -m * Scale)]);
        for (int i = 0; i < BlockChannels.Length; i++)
            x = DenseBlock(ops, x, $"dense{i}", BlockChannels[i], isFirst: i == 0);
        return [ops.Linear(ops.GlobalAveragePool(x), "fc", 2 * Points, bias: true)];
    }

    // Dense by addition: each convolution sees the sum of all outputs before it.
    private static T DenseBlock<T>(NetworkOperations<T> ops, T x, string name, int channels, bool isFirst)
    {
        T opening = isFirst
            ? ops.Convolution(x, $"{name}.conv0", new(channels, 3, Stride: 2, ConvolutionSpec.Same(ops.ShapeOf(x), 3, 2)))
            : Separable(ops, x, $"{name}.conv0", channels, stride: 2);
        T sum = ops.Relu(opening);
        T seen = sum;
        for (int i = 1; i <= 3; i++)
        {
            sum = ops.Add(sum, Separable(ops, seen, $"{name}.conv{i}", channels, stride: 1));
            seen = ops.Relu(sum);
        }

        return seen;
    }

    private static T Separable<T>(NetworkOperations<T> ops, T x, string name, int channels, int stride)
    {
        FeatureShape shape = ops.ShapeOf(x);
        var padding = ConvolutionSpec.Same(shape, 3, stride);
        x = ops.Convolution(x, $"{name}.depthwise", new(shape.Channels, 3, stride, padding, Bias: false, Groups: shape.Channels));
        return ops.Convolution(x, $"{name}.pointwise", new(channels, Kernel: 1));
    }
}
