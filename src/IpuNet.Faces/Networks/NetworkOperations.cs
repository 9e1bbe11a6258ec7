namespace IpuNet.Faces.Networks;

/// <summary>
/// The operations of all networks in this library. A network is one method that calls them in order. A backend derives from this class: one
/// computes with TorchSharp, one writes an ONNX graph. Feature maps are [N, C, H, W], float32. The network names its weights, and the
/// backend finds them.
/// </summary>
/// <typeparam name="T">The backend's type for feature maps.</typeparam>
public abstract class NetworkOperations<T>
{
    /// <summary>The shape of a feature map, without the batch dimension.</summary>
    public abstract FeatureShape ShapeOf(T x);

    /// <summary>2-D convolution. Weights: "{name}.weight" [out, in / groups, k, k] and, with bias, "{name}.bias" [out].</summary>
    public abstract T Convolution(T x, string name, ConvolutionSpec spec);

    /// <summary>
    /// Transposed 2-D convolution. The output size is (size - 1) * stride - 2 * padding + kernel. Weights: "{name}.weight" [in, out, k, k]
    /// and, with bias, "{name}.bias" [out]. Groups must be 1.
    /// </summary>
    public abstract T TransposedConvolution(T x, string name, ConvolutionSpec spec);

    /// <summary>
    /// Batch normalisation over N, H, W. Weights: "{name}.weight", "{name}.bias", "{name}.running_mean" and "{name}.running_var", each [C].
    /// Inference uses the running statistics.
    /// </summary>
    public abstract T BatchNorm(T x, string name, float epsilon);

    /// <summary>x * "{name}.weight" + "{name}.bias" per channel. Both weights are [C].</summary>
    public abstract T ChannelAffine(T x, string name);

    /// <summary>Fully connected layer on [C, 1, 1]. Weights: "{name}.weight" [out, C] and, with bias, "{name}.bias" [out].</summary>
    public abstract T Linear(T x, string name, int outputs, bool bias);

    /// <summary>max(x, 0).</summary>
    public abstract T Relu(T x);

    /// <summary>x if x is positive, otherwise slope * x.</summary>
    public abstract T LeakyRelu(T x, float slope);

    /// <summary>Hyperbolic tangent.</summary>
    public abstract T Tanh(T x);

    /// <summary>1 / (1 + e^-x).</summary>
    public abstract T Sigmoid(T x);

    /// <summary>Limits values to [low, high].</summary>
    public abstract T Clamp(T x, float low, float high);

    /// <summary>In training, sets values to 0 with this probability. In inference, changes nothing.</summary>
    public abstract T Dropout(T x, float probability);

    /// <summary>Maximum over a square window. Padded pixels never count.</summary>
    public abstract T MaxPool(T x, int kernel, int stride, Edges padding);

    /// <summary>Mean over a square window, without padding.</summary>
    public abstract T AveragePool(T x, int kernel, int stride);

    /// <summary>Mean over height and width: [C, 1, 1].</summary>
    public abstract T GlobalAveragePool(T x);

    /// <summary>Adds zeros at the edges, and channels of zeros after the last channel.</summary>
    public abstract T ZeroPad(T x, Edges edges, int channels);

    /// <summary>The channels of a, then the channels of b.</summary>
    public abstract T Concatenate(T a, T b);

    /// <summary>a + b. Both have the same shape.</summary>
    public abstract T Add(T a, T b);

    /// <summary>x * scale + offset, with one scale and one offset per channel, or one for all channels.</summary>
    public abstract T Affine(T x, IReadOnlyList<float> scale, IReadOnlyList<float> offset);

    /// <summary>Repeats every pixel twice in both directions.</summary>
    public abstract T UpsampleNearest(T x);

    /// <summary>Bilinear resize with pixel centres at half pixels (align_corners false), without smoothing when it shrinks.</summary>
    public abstract T ResizeBilinear(T x, int height, int width);

    /// <summary>FaceNet's prewhitening, per image: (x - mean) / max(std, 1 / sqrt(n)) over all n values of the image.</summary>
    public abstract T Prewhiten(T x);

    /// <summary>x / |x| over the channels of [C, 1, 1].</summary>
    public abstract T L2Normalise(T x);
}
