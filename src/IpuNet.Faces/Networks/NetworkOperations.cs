namespace IpuNet.Faces.Networks;

/// <summary>
/// The operations that every network of this project is written in. A network is one method that calls them in order;
/// a backend derives from this class and either computes (TorchSharp) or writes the graph down (ONNX).
/// Feature maps are [N, C, H, W], float. Weights are named by the network and found by the backend.
/// </summary>
/// <typeparam name="T">What a backend calls a feature map.</typeparam>
public abstract class NetworkOperations<T>
{
    /// <summary>The shape of a feature map, without its batch.</summary>
    public abstract FeatureShape ShapeOf(T x);

    /// <summary>2-D convolution; weights "{name}.weight" [out, in / groups, k, k] and, with bias, "{name}.bias" [out].</summary>
    public abstract T Convolution(T x, string name, ConvolutionSpec spec);

    /// <summary>
    /// Transposed 2-D convolution, output (size - 1) * stride - 2 * padding + kernel; weights "{name}.weight" [in, out, k, k]
    /// and, with bias, "{name}.bias" [out]. Groups must be 1.
    /// </summary>
    public abstract T TransposedConvolution(T x, string name, ConvolutionSpec spec);

    /// <summary>
    /// Batch normalisation over N, H, W; "{name}.weight", "{name}.bias", "{name}.running_mean", "{name}.running_var", each [C].
    /// Served with the running statistics.
    /// </summary>
    public abstract T BatchNorm(T x, string name, float epsilon);

    /// <summary>x * "{name}.weight" + "{name}.bias", per channel, each [C].</summary>
    public abstract T ChannelAffine(T x, string name);

    /// <summary>Fully connected layer on [C, 1, 1]; "{name}.weight" [out, C] and, with bias, "{name}.bias" [out].</summary>
    public abstract T Linear(T x, string name, int outputs, bool bias);

    /// <summary>max(x, 0).</summary>
    public abstract T Relu(T x);

    /// <summary>x where positive, slope * x elsewhere.</summary>
    public abstract T LeakyRelu(T x, float slope);

    /// <summary>Hyperbolic tangent.</summary>
    public abstract T Tanh(T x);

    /// <summary>1 / (1 + e^-x).</summary>
    public abstract T Sigmoid(T x);

    /// <summary>Limits values to [low, high].</summary>
    public abstract T Clamp(T x, float low, float high);

    /// <summary>Drops values with the probability while training; nothing when served.</summary>
    public abstract T Dropout(T x, float probability);

    /// <summary>Maximum over a square window; padding never wins.</summary>
    public abstract T MaxPool(T x, int kernel, int stride, Edges padding);

    /// <summary>Mean over a square window, without padding.</summary>
    public abstract T AveragePool(T x, int kernel, int stride);

    /// <summary>Mean over height and width: [C, 1, 1].</summary>
    public abstract T GlobalAveragePool(T x);

    /// <summary>Adds zeros at the edges, and channels of zeros at the end.</summary>
    public abstract T ZeroPad(T x, Edges edges, int channels);

    /// <summary>Puts the channels of b behind those of a.</summary>
    public abstract T Concatenate(T a, T b);

    /// <summary>a + b, of one shape.</summary>
    public abstract T Add(T a, T b);

    /// <summary>x * scale + offset, one scale and offset per channel (or one for all).</summary>
    public abstract T Affine(T x, IReadOnlyList<float> scale, IReadOnlyList<float> offset);

    /// <summary>Repeats every pixel twice in both directions.</summary>
    public abstract T UpsampleNearest(T x);

    /// <summary>Bilinear resize, pixel centres at half (align_corners false), without smoothing when it shrinks.</summary>
    public abstract T ResizeBilinear(T x, int height, int width);

    /// <summary>Per image: (x - mean) / max(std, 1 / sqrt(n)) over all its n values (FaceNet's prewhitening).</summary>
    public abstract T Prewhiten(T x);

    /// <summary>x / |x| over the channels of [C, 1, 1].</summary>
    public abstract T L2Normalise(T x);
}
