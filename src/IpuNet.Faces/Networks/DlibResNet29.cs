namespace IpuNet.Faces.Networks;

/// <summary>
/// dlib's recogniser: a ResNet-29 with half the filters of ResNet-34 (Davis King, dlib_face_recognition_resnet_model_v1). Input:
/// [3, 150, 150], RGB, 0-255. Output: one embedding [128, 1, 1], not normalised (its length is about 1.4). The weight names are those of
/// face-api's manifest, with '.' for '/'.
/// </summary>
public sealed class DlibResNet29 : INetwork
{
    /// <summary>Side of the square input in pixels.</summary>
    public const int InputSize = 150;

    /// <summary>Length of an embedding.</summary>
    public const int Dimensions = 128;

    // dlib's input_rgb_image_sized<150>: the mean of its training pixels, and a scale of 1 / 256.
    private static readonly float[] Mean = [122.782f, 117.001f, 104.298f];
    private const float Scale = 1f / 256f;

    private static readonly (string Stage, int Channels, int Blocks)[] Stages =
        [("conv32", 32, 3), ("conv64", 64, 4), ("conv128", 128, 3), ("conv256", 256, 3)];

    /// <inheritdoc/>
    public string Architecture => "dlib-resnet29";

    /// <inheritdoc/>
    public FeatureShape Input => new(3, InputSize, InputSize);

    /// <summary>Runs the network.</summary>
    /// <param name="ops">The backend.</param>
    /// <param name="x">[N, 3, 150, 150], RGB, 0-255.</param>
    /// <returns>The embedding [128, 1, 1], then the feature maps after each of the four stages, for perceptual losses.</returns>
    public IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x)
    {
        ArgumentNullException.ThrowIfNull(ops);
        var features = new List<T>();
        x = ops.Affine(x, [Scale, Scale, Scale], [.. Mean.Select(m => -m * Scale)]);
        x = ops.Relu(ConvolutionAffine(ops, x, "conv32_down", 32, kernel: 7, stride: 2, padding: 0));
        x = ops.MaxPool(x, kernel: 3, stride: 2, padding: 0);
        foreach (var (stage, channels, blocks) in Stages)
        {
            // The first stage keeps the size. The others begin with a block that halves it. The numbers of the other blocks start at 1.
            bool shrinks = channels != 32;
            if (shrinks)
                x = DownBlock(ops, x, $"{stage}_down", channels);
            int rest = shrinks ? blocks - 1 : blocks;
            for (int i = 1; i <= rest; i++)
                x = Block(ops, x, $"{stage}_{i}", channels);
            if (channels == 256)
                x = DownBlock(ops, x, "conv256_down_out", channels);
            features.Add(x);
        }

        T embedding = ops.Linear(ops.GlobalAveragePool(x), "fc", Dimensions, bias: false);
        return [embedding, .. features];
    }

    private static T Block<T>(NetworkOperations<T> ops, T x, string name, int channels)
    {
        T y = ops.Relu(ConvolutionAffine(ops, x, $"{name}.conv1", channels, 3, 1, 1));
        y = ConvolutionAffine(ops, y, $"{name}.conv2", channels, 3, 1, 1);
        return ops.Relu(ops.Add(y, x));
    }

    private static T DownBlock<T>(NetworkOperations<T> ops, T x, string name, int channels)
    {
        T y = ops.Relu(ConvolutionAffine(ops, x, $"{name}.conv1", channels, 3, 2, 0));
        y = ConvolutionAffine(ops, y, $"{name}.conv2", channels, 3, 1, 1);

        T shortcut = ops.AveragePool(x, kernel: 2, stride: 2);
        FeatureShape from = ops.ShapeOf(shortcut), to = ops.ShapeOf(y);
        shortcut = ops.ZeroPad(shortcut, edges: 0, channels - from.Channels);
        y = ops.ZeroPad(y, new Edges(0, 0, from.Width - to.Width, from.Height - to.Height), channels: 0);
        return ops.Relu(ops.Add(y, shortcut));
    }

    private static T ConvolutionAffine<T>(NetworkOperations<T> ops, T x, string name, int channels, int kernel, int stride, int padding) =>
        ops.ChannelAffine(ops.Convolution(x, $"{name}.conv", new(channels, kernel, stride, padding)), $"{name}.scale");
}
