namespace IpuNet.Faces.Networks;

/// <summary>
/// face-api's detector: SSD (Liu et al. 2016) on MobileNet v1 (Howard et al. 2017), as in TensorFlow's object detection API, trained on
/// WIDER FACE. Input: [3, 512, 512], RGB, 0-255. The weight names are those of face-api's manifest, with '.' for '/'. The batch norm of the
/// pointwise convolutions is already folded into them.
/// </summary>
public sealed class SsdMobileNetV1 : INetwork
{
    /// <summary>Side of the square input in pixels.</summary>
    public const int InputSize = 512;

    /// <summary>Values that place a box relative to its anchor: centre y, centre x, height, width.</summary>
    public const int BoxValues = 4;

    /// <summary>Logits per anchor: background, face, and one unused class.</summary>
    public const int ClassValues = 3;

    // 0.001 as TensorFlow's float32.
    private const float Epsilon = 0.0010000000474974513f;

    private static readonly (int Channels, int Stride)[] MobileNet =
    [
        (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1),
        (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2), (1024, 1),
    ];

    private const int FirstPredictingLayer = 11;

    private static readonly (int Narrow, int Wide)[] ExtraLayers = [(256, 512), (128, 256), (128, 256), (64, 128)];

    /// <summary>The output maps, finest first: cells per side and anchors per cell.</summary>
    public static IReadOnlyList<(int Cells, int Anchors)> Maps { get; } = [(32, 3), (16, 6), (8, 6), (4, 6), (2, 6), (1, 6)];

    /// <inheritdoc/>
    public string Architecture => "ssd-mobilenet-v1";

    /// <inheritdoc/>
    public FeatureShape Input => new(3, InputSize, InputSize);

    /// <summary>Runs the network.</summary>
    /// <param name="ops">The backend.</param>
    /// <param name="x">[N, 3, 512, 512], RGB, 0-255.</param>
    /// <returns>
    /// One output for each of <see cref="Maps"/>, [anchors * (4 + 3), cells, cells]: first the box values of all anchors (channel
    /// anchor * 4 + value), then their class logits (channel anchors * 4 + anchor * 3 + class).
    /// </returns>
    public IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x)
    {
        ArgumentNullException.ThrowIfNull(ops);
        x = ops.Affine(x, [1f / 127.5f], [-1f]);
        x = Convolution(ops, x, "MobilenetV1.Conv2d_0_pointwise", 32, kernel: 3, stride: 2);

        var predicting = new List<T>();
        for (int i = 1; i <= MobileNet.Length; i++)
        {
            var (channels, stride) = MobileNet[i - 1];
            x = Depthwise(ops, x, $"MobilenetV1.Conv2d_{i}_depthwise", stride);
            x = Convolution(ops, x, $"MobilenetV1.Conv2d_{i}_pointwise", channels, kernel: 1, stride: 1);
            if (i == FirstPredictingLayer)
                predicting.Add(x);
        }

        predicting.Add(x);

        for (int i = 0; i < ExtraLayers.Length; i++)
        {
            var (narrow, wide) = ExtraLayers[i];
            x = Convolution(ops, x, $"Prediction.Conv2d_{2 * i}_pointwise", narrow, kernel: 1, stride: 1);
            x = Convolution(ops, x, $"Prediction.Conv2d_{2 * i + 1}_pointwise", wide, kernel: 3, stride: 2);
            predicting.Add(x);
        }

        return [.. predicting.Select((map, i) => Predict(ops, map, $"Prediction.BoxPredictor_{i}", Maps[i].Anchors))];
    }

    private static T Predict<T>(NetworkOperations<T> ops, T x, string name, int anchors)
    {
        T boxes = ops.Convolution(x, $"{name}.BoxEncodingPredictor", new(anchors * BoxValues, Kernel: 1));
        T classes = ops.Convolution(x, $"{name}.ClassPredictor", new(anchors * ClassValues, Kernel: 1));
        return ops.Concatenate(boxes, classes);
    }

    private static T Depthwise<T>(NetworkOperations<T> ops, T x, string name, int stride)
    {
        FeatureShape shape = ops.ShapeOf(x);
        var padding = ConvolutionSpec.Same(shape, 3, stride);
        x = ops.Convolution(x, name, new(shape.Channels, 3, stride, padding, Bias: false, Groups: shape.Channels));
        return Relu6(ops, ops.BatchNorm(x, $"{name}.BatchNorm", Epsilon));
    }

    private static T Convolution<T>(NetworkOperations<T> ops, T x, string name, int channels, int kernel, int stride) =>
        Relu6(ops, ops.Convolution(x, name, new(channels, kernel, stride, ConvolutionSpec.Same(ops.ShapeOf(x), kernel, stride))));

    private static T Relu6<T>(NetworkOperations<T> ops, T x) => ops.Clamp(x, 0f, 6f);
}
