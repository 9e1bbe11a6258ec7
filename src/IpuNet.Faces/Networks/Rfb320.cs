namespace IpuNet.Faces.Networks;

/// <summary>
/// The detector RFB-320 of Linzaer's "Ultra-Light-Fast-Generic-Face-Detector-1MB": an SSD (Liu et al. 2016) on a tiny MobileNet, with one
/// receptive field block (Liu et al. 2018), trained on WIDER FACE. Input: [3, height, width] of any size, RGB, 0-255; it was trained on
/// 240 x 320. The weight names are those of the PyTorch original, with the batch norms folded into the convolutions.
/// </summary>
public sealed class Rfb320 : INetwork
{
    /// <summary>Values that place a box relative to its prior: centre x, centre y, width, height.</summary>
    public const int BoxValues = 4;

    /// <summary>Logits per prior: background and face.</summary>
    public const int ClassValues = 2;

    private const string Base = "base_net";
    private const int Block = 7, Narrow = 8;

    // A depthwise separable layer for each: output channels and stride. The block stands after the seventh layer.
    private static readonly (int Channels, int Stride)[] Layers =
        [(32, 1), (32, 2), (32, 1), (64, 2), (64, 1), (64, 1), (64, 0), (128, 2), (128, 1), (128, 1), (256, 2), (256, 1)];

    /// <summary>
    /// The output maps, finest first: the sides of each cell's square priors, in pixels of the input.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<int>> Maps { get; } = [[10, 16, 24], [32, 48], [64, 96], [128, 192, 256]];

    /// <inheritdoc/>
    public string Architecture => "rfb-320";

    /// <inheritdoc/>
    public FeatureShape Input => new(3, 240, 320);

    /// <summary>Runs the network.</summary>
    /// <param name="ops">The backend.</param>
    /// <param name="x">[N, 3, height, width], RGB, 0-255.</param>
    /// <returns>
    /// One output for each of <see cref="Maps"/>, [priors * (2 + 4), rows, columns]: first the class logits of all priors (channel
    /// prior * 2 + class), then their box values (channel priors * 2 + prior * 4 + value).
    /// </returns>
    public IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x)
    {
        ArgumentNullException.ThrowIfNull(ops);
        x = ops.Affine(x, [1f / 128f], [-127f / 128f]);
        x = ops.Relu(ops.Convolution(x, $"{Base}.0.0", new(16, 3, Stride: 2, Padding: 1)));
        var maps = new List<T>();
        for (int i = 1; i <= Layers.Length; i++)
        {
            var (channels, stride) = Layers[i - 1];
            x = i == Block ? ReceptiveField(ops, x, $"{Base}.{i}", channels) : Separable(ops, x, $"{Base}.{i}", "0", "3", channels, stride);
            // The layers before a stride, and the last one, predict.
            if (i is Block or 10 or 12)
                maps.Add(Predict(ops, x, maps.Count));
        }

        x = ops.Relu(ops.Convolution(x, "extras.0.0", new(64, Kernel: 1)));
        x = Separable(ops, x, "extras.0.2", "0", "2", 256, stride: 2);
        maps.Add(Predict(ops, x, maps.Count));
        return maps;
    }

    private static T Predict<T>(NetworkOperations<T> ops, T x, int map)
    {
        int priors = Maps[map].Count;
        T classes = Head(ops, x, $"classification_headers.{map}", priors * ClassValues, map);
        return ops.Concatenate(classes, Head(ops, x, $"regression_headers.{map}", priors * BoxValues, map));
    }

    // The coarsest map has a plain convolution; the others a separable one.
    private static T Head<T>(NetworkOperations<T> ops, T x, string name, int channels, int map)
    {
        if (map == Maps.Count - 1)
            return ops.Convolution(x, name, new(channels, 3, Padding: 1));
        int inputs = ops.ShapeOf(x).Channels;
        x = ops.Relu(ops.Convolution(x, $"{name}.0", new(inputs, 3, Padding: 1, Groups: inputs)));
        return ops.Convolution(x, $"{name}.2", new(channels, Kernel: 1));
    }

    private static T Separable<T>(NetworkOperations<T> ops, T x, string name, string depthwise, string pointwise, int channels, int stride)
    {
        int inputs = ops.ShapeOf(x).Channels;
        x = ops.Relu(ops.Convolution(x, $"{name}.{depthwise}", new(inputs, 3, stride, Padding: 1, Groups: inputs)));
        return ops.Relu(ops.Convolution(x, $"{name}.{pointwise}", new(channels, Kernel: 1)));
    }

    // Three branches that see 2, 3 and 5 times as far, and a shortcut.
    private static T ReceptiveField<T>(NetworkOperations<T> ops, T x, string name, int channels)
    {
        const int wide = 2 * Narrow;
        T near = Branch(ops, x, $"{name}.branch0", dilation: 2);
        T middle = Branch(ops, x, $"{name}.branch1", dilation: 3);

        T far = ops.Convolution(x, $"{name}.branch2.0.conv", new(Narrow, Kernel: 1));
        far = ops.Relu(ops.Convolution(far, $"{name}.branch2.1.conv", new(12, 3, Padding: 1)));
        far = ops.Relu(ops.Convolution(far, $"{name}.branch2.2.conv", new(wide, 3, Padding: 1)));
        far = ops.Convolution(far, $"{name}.branch2.3.conv", new(wide, 3, Padding: 5, Dilation: 5));

        T all = ops.Concatenate(ops.Concatenate(near, middle), far);
        all = ops.Convolution(all, $"{name}.ConvLinear.conv", new(channels, Kernel: 1));
        return ops.Relu(ops.Add(all, ops.Convolution(x, $"{name}.shortcut.conv", new(channels, Kernel: 1))));
    }

    private static T Branch<T>(NetworkOperations<T> ops, T x, string name, int dilation)
    {
        const int wide = 2 * Narrow;
        x = ops.Convolution(x, $"{name}.0.conv", new(Narrow, Kernel: 1));
        x = ops.Relu(ops.Convolution(x, $"{name}.1.conv", new(wide, 3, Padding: 1)));
        return ops.Convolution(x, $"{name}.2.conv", new(wide, 3, Padding: dilation, Dilation: dilation));
    }
}
