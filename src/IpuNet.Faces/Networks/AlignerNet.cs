using IpuNet.Faces.Alignment;

namespace IpuNet.Faces.Networks;

/// <summary>
/// The aligner: sees a loose square around a face and says by which similarity transform the aligned face lies in it, how far off it
/// expects to be, and whether there is a face at all. Input: [3, 64, 64], RGB, 0-255, a <see cref="LooseSquare"/>. Output: [6, 1, 1], the
/// values that <see cref="FaceAlignment.Read"/> reads.
/// </summary>
public sealed class AlignerNet : INetwork
{
    private const float HalfRange = 127.5f, Epsilon = 1e-5f;
    private const float Dropout = 0.2f;
    private const int Features = 128;

    private static readonly int[] Channels = [24, 48, 96, 160];

    // With weights of 0 the answer is an upright face that fits the square. The scales bring all values to a like size for training.
    private static readonly float[] Scale = [0.3f, 0.3f, 0.2f, 0.2f, 1, 1];
    private static readonly float[] Offset = [LooseSquare.Fitting.A, 0, 0, 0, 0, 0];

    /// <inheritdoc/>
    public string Architecture => "face-aligner";

    /// <inheritdoc/>
    public FeatureShape Input => new(3, LooseSquare.Size, LooseSquare.Size);

    /// <summary>Runs the network.</summary>
    /// <param name="ops">The backend.</param>
    /// <param name="x">[N, 3, 64, 64], RGB, 0-255.</param>
    /// <returns>The answer, [6, 1, 1].</returns>
    public IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x)
    {
        ArgumentNullException.ThrowIfNull(ops);
        x = ops.Affine(x, [1 / HalfRange], [-1f]);
        for (int i = 0; i < Channels.Length; i++)
        {
            int kernel = i == 0 ? 5 : 3;
            x = ops.Convolution(x, $"conv{i + 1}.conv", new(Channels[i], kernel, Stride: 2, Padding: kernel / 2, Bias: false));
            x = ops.Relu(ops.BatchNorm(x, $"conv{i + 1}.norm", Epsilon));
        }

        // The whole square at once, because where a feature lies is the answer.
        x = ops.Relu(ops.Convolution(x, "whole.conv", new(Features, ops.ShapeOf(x).Height)));
        x = ops.Linear(ops.Dropout(x, Dropout), "answer", FaceAlignment.Values, bias: true);
        return [ops.Affine(x, Scale, Offset)];
    }
}
