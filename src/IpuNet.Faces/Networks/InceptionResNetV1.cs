using System.ComponentModel.DataAnnotations;

namespace IpuNet.Faces.Networks;

/// <summary>Options of <see cref="InceptionResNetV1"/>.</summary>
public sealed record InceptionResNetOptions
{
    /// <summary>Length of an embedding.</summary>
    /// <value>1 to 8192. The default is 512, as in facenet-pytorch. The original Keras model has 128.</value>
    [Range(1, 8192)]
    public int Dimensions { get; init; } = 512;

    /// <summary>The standardisation of the pixels.</summary>
    /// <value>The default is <see cref="PixelStandardisation.PerImage"/>, as in FaceNet's description.</value>
    public PixelStandardisation Standardisation { get; init; }

    /// <summary>The divisor of the numbers of channels. 1 is FaceNet. 4 is a small network that trains in minutes.</summary>
    /// <value>1, 2, 4, 8 or 16. The default is 1.</value>
    [AllowedValues(1, 2, 4, 8, 16)]
    public int Narrowing { get; init; } = 1;
}

/// <summary>A standardisation of pixels from 0-255.</summary>
public enum PixelStandardisation
{
    /// <summary>(x - mean) / max(std, 1 / sqrt(n)) over each image: prewhitening.</summary>
    PerImage,

    /// <summary>(x - 127.5) / 128. facenet-pytorch's published weights were trained with it.</summary>
    Fixed,
}

/// <summary>
/// FaceNet's network in its public implementation: Inception-ResNet-v1 (Szegedy et al. 2016) by David Sandberg, ported to Keras (128-d) and
/// PyTorch (512-d). Input: [3, 160, 160], RGB, 0-255. Outputs: one embedding [D, 1, 1], not normalised, then the feature maps of the stem
/// and of the three stages. The weight names are those of facenet-pytorch.
/// </summary>
/// <param name="options">The options.</param>
public sealed class InceptionResNetV1(InceptionResNetOptions options) : INetwork
{
    /// <summary>Side of the square input in pixels.</summary>
    public const int InputSize = 160;

    /// <summary>The beginning of <see cref="Architecture"/>.</summary>
    public const string Family = "inception-resnet-v1";

    private const float Epsilon = 0.001f;
    private const float Scale35 = 0.17f, Scale17 = 0.10f, Scale8 = 0.20f;
    private const int Blocks35 = 5, Blocks17 = 10, Blocks8 = 5;

    /// <summary>The options.</summary>
    public InceptionResNetOptions Options { get; } = options;

    /// <summary>The family, the embedding's length and the standardisation, such as "inception-resnet-v1-512-fixed".</summary>
    public string Architecture =>
        $"{Family}-{Options.Dimensions}-{(Options.Standardisation == PixelStandardisation.Fixed ? "fixed" : "per-image")}"
        + (Options.Narrowing == 1 ? "" : $"-narrow{Options.Narrowing}");

    /// <inheritdoc/>
    public FeatureShape Input => new(3, InputSize, InputSize);

    /// <inheritdoc/>
    public IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x)
    {
        ArgumentNullException.ThrowIfNull(ops);
        x = Options.Standardisation == PixelStandardisation.Fixed ? ops.Affine(x, [1 / 128f], [-127.5f / 128f]) : ops.Prewhiten(x);
        var net = new Layers<T>(ops, Options.Narrowing);
        T stem = Stem(net, x);
        T y = stem;
        for (int i = 0; i < Blocks35; i++)
            y = Block35(net, y, $"repeat_1.{i}");
        T first = y;
        y = Reduction6(net, y);
        for (int i = 0; i < Blocks17; i++)
            y = Block17(net, y, $"repeat_2.{i}");
        T second = y;
        y = Reduction7(net, y);
        for (int i = 0; i < Blocks8; i++)
            y = ops.Relu(Block8(net, y, $"repeat_3.{i}", Scale8));
        // The last block has neither a scale nor a ReLU.
        y = Block8(net, y, "block8", 1f);
        T embedding = ops.Linear(ops.GlobalAveragePool(y), "last_linear", Options.Dimensions, bias: false);
        return [ops.BatchNorm(embedding, "last_bn", Epsilon), stem, first, second, y];
    }

    private static T Stem<T>(Layers<T> net, T x)
    {
        x = net.Convolution(x, "conv2d_1a", 32, 3, stride: 2);
        x = net.Convolution(x, "conv2d_2a", 32, 3);
        x = net.Convolution(x, "conv2d_2b", 64, 3, same: true);
        x = net.Shrink(x);
        x = net.Convolution(x, "conv2d_3b", 80, 1);
        x = net.Convolution(x, "conv2d_4a", 192, 3);
        return net.Convolution(x, "conv2d_4b", 256, 3, stride: 2);
    }

    private static T Block35<T>(Layers<T> net, T x, string name)
    {
        T a = net.Convolution(x, $"{name}.branch0", 32, 1);
        T b = net.Convolution(x, $"{name}.branch1.0", 32, 1);
        b = net.Convolution(b, $"{name}.branch1.1", 32, 3, same: true);
        T c = net.Convolution(x, $"{name}.branch2.0", 32, 1);
        c = net.Convolution(c, $"{name}.branch2.1", 32, 3, same: true);
        c = net.Convolution(c, $"{name}.branch2.2", 32, 3, same: true);
        return net.Ops.Relu(net.Residual(x, net.Join(a, b, c), name, Scale35));
    }

    private static T Block17<T>(Layers<T> net, T x, string name)
    {
        T a = net.Convolution(x, $"{name}.branch0", 128, 1);
        T b = net.Convolution(x, $"{name}.branch1.0", 128, 1);
        b = net.Convolution(b, $"{name}.branch1.1", 128, new KernelSize(1, 7), same: true);
        b = net.Convolution(b, $"{name}.branch1.2", 128, new KernelSize(7, 1), same: true);
        return net.Ops.Relu(net.Residual(x, net.Join(a, b), name, Scale17));
    }

    private static T Block8<T>(Layers<T> net, T x, string name, float scale)
    {
        T a = net.Convolution(x, $"{name}.branch0", 192, 1);
        T b = net.Convolution(x, $"{name}.branch1.0", 192, 1);
        b = net.Convolution(b, $"{name}.branch1.1", 192, new KernelSize(1, 3), same: true);
        b = net.Convolution(b, $"{name}.branch1.2", 192, new KernelSize(3, 1), same: true);
        return net.Residual(x, net.Join(a, b), name, scale);
    }

    private static T Reduction6<T>(Layers<T> net, T x)
    {
        T a = net.Convolution(x, "mixed_6a.branch0", 384, 3, stride: 2);
        T b = net.Convolution(x, "mixed_6a.branch1.0", 192, 1);
        b = net.Convolution(b, "mixed_6a.branch1.1", 192, 3, same: true);
        b = net.Convolution(b, "mixed_6a.branch1.2", 256, 3, stride: 2);
        return net.Join(a, b, net.Shrink(x));
    }

    private static T Reduction7<T>(Layers<T> net, T x)
    {
        T a = net.Convolution(x, "mixed_7a.branch0.0", 256, 1);
        a = net.Convolution(a, "mixed_7a.branch0.1", 384, 3, stride: 2);
        T b = net.Convolution(x, "mixed_7a.branch1.0", 256, 1);
        b = net.Convolution(b, "mixed_7a.branch1.1", 256, 3, stride: 2);
        T c = net.Convolution(x, "mixed_7a.branch2.0", 256, 1);
        c = net.Convolution(c, "mixed_7a.branch2.1", 256, 3, same: true);
        c = net.Convolution(c, "mixed_7a.branch2.2", 256, 3, stride: 2);
        return net.Join(a, b, c, net.Shrink(x));
    }

    /// <summary>The layers of the blocks.</summary>
    private readonly record struct Layers<T>(NetworkOperations<T> Ops, int Narrowing)
    {
        /// <summary>Convolution without bias, batch norm, ReLU.</summary>
        public T Convolution(T x, string name, int channels, KernelSize kernel, int stride = 1, bool same = false)
        {
            int down = same ? kernel.Height / 2 : 0, across = same ? kernel.Width / 2 : 0;
            var spec = new ConvolutionSpec(channels / Narrowing, kernel, stride, new Edges(across, down, across, down), Bias: false);
            return Ops.Relu(Ops.BatchNorm(Ops.Convolution(x, $"{name}.conv", spec), $"{name}.bn", Epsilon));
        }

        public T Shrink(T x) => Ops.MaxPool(x, kernel: 3, stride: 2, padding: 0);

        public T Join(params ReadOnlySpan<T> branches)
        {
            T joined = branches[0];
            foreach (T branch in branches[1..])
                joined = Ops.Concatenate(joined, branch);
            return joined;
        }

        /// <summary>x + scale * (1x1 convolution of the branches).</summary>
        public T Residual(T x, T branches, string name, float scale)
        {
            T change = Ops.Convolution(branches, $"{name}.conv2d", new(Ops.ShapeOf(x).Channels, Kernel: 1));
            return Ops.Add(x, scale == 1f ? change : Ops.Affine(change, [scale], [0f]));
        }
    }
}
