using System.ComponentModel.DataAnnotations;
using IpuNet.Faces.Alignment;

namespace IpuNet.Faces.Networks;

/// <summary>The way in which the U-Net's decoder doubles the size of its feature maps.</summary>
public enum Upsampling
{
    /// <summary>4x4 transposed convolution of stride 2, as in the paper.</summary>
    Transposed,

    /// <summary>3x3 convolution, then bilinear doubling. It cannot draw a checkerboard, and takes 9/16 of the multiplications.</summary>
    Bilinear,
}

/// <summary>
/// Options of <see cref="UNet"/>. The defaults give the paper's network: width 64, transposed convolutions, not residual. It has 41.8 M
/// parameters.
/// </summary>
public sealed record UNetOptions
{
    /// <summary>The number of channels after the first block. The deepest maps have 8 times as many.</summary>
    /// <value>1 to 256. The default is 64.</value>
    [Range(1, 256)]
    public int Width { get; init; } = 64;

    /// <summary>The way in which the decoder doubles the size of its feature maps.</summary>
    /// <value>The default is <see cref="Upsampling.Transposed"/>.</value>
    public Upsampling Upsampling { get; init; } = Upsampling.Transposed;

    /// <summary>Whether the network predicts the difference between the face and its input, instead of the face.</summary>
    /// <value>The default is false.</value>
    public bool Residual { get; init; }

    /// <summary>The dropout probability in the first three up blocks.</summary>
    /// <value>At least 0, below 1. The default is 0.5, as in the paper.</value>
    [Range(0.0, 1.0, MaximumIsExclusive = true)]
    public float Dropout { get; init; } = 0.5f;
}

/// <summary>
/// The identity-preserving U-Net (IPU-Net, arXiv 2010.12249): pix2pix's generator with seven levels. Input: a low-resolution face, resized
/// bicubically to [3, 128, 128], RGB, 0-255. Outputs: the super-resolved face [3, 128, 128] on the same scale, and the deepest features
/// [8 * width, 1, 1], which training may supervise. A residual network may slightly exceed 0-255: clamp and round its output.
/// </summary>
/// <param name="options">The options.</param>
public sealed class UNet(UNetOptions options) : INetwork
{
    private const int Levels = 7;
    private const int DropoutLevels = 3;
    private const float HalfRange = 127.5f;
    private const float LeakySlope = 0.2f;   // pix2pix
    private const float Epsilon = 1e-5f;

    /// <summary>The options.</summary>
    public UNetOptions Options { get; } = options;

    /// <summary>The number of channels of the deepest features.</summary>
    public int DeepestChannels => Channels(Levels);

    /// <inheritdoc/>
    public string Architecture => "unet";

    /// <inheritdoc/>
    public FeatureShape Input => new(3, FaceAligner.Size, FaceAligner.Size);

    /// <summary>Reads the width of a U-Net from its weights.</summary>
    /// <param name="weights">The weights.</param>
    /// <exception cref="KeyNotFoundException">The weights are not those of a U-Net.</exception>
    public static int WidthOf(WeightSet weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        return weights["down1.conv.weight"].Shape[0];
    }

    /// <inheritdoc/>
    public IReadOnlyList<T> Forward<T>(NetworkOperations<T> ops, T x)
    {
        ArgumentNullException.ThrowIfNull(ops);
        T input = ops.Affine(x, [1 / HalfRange], [-1f]);

        var skips = new List<T>();
        T y = input;
        for (int level = 1; level <= Levels; level++)
        {
            y = ops.LeakyRelu(Down(ops, y, level), LeakySlope);
            skips.Add(y);
        }

        T deepest = y;
        for (int level = Levels; level > 1; level--)
        {
            y = ops.BatchNorm(Up(ops, y, level, Channels(level - 1)), $"up{level}.norm", Epsilon);
            if (level > Levels - DropoutLevels)
                y = ops.Dropout(y, Options.Dropout);
            y = ops.Concatenate(Double(ops, ops.Relu(y)), skips[level - 2]);
        }

        T picture = Options.Residual ? ops.Add(Draw(ops, y, input), input) : ops.Tanh(Draw(ops, y, input));
        return [ops.Affine(picture, [HalfRange], [HalfRange]), deepest];
    }

    private int Channels(int level) => Options.Width * (1 << Math.Min(level - 1, 3));

    private T Down<T>(NetworkOperations<T> ops, T x, int level) =>
        ops.BatchNorm(
            ops.Convolution(x, $"down{level}.conv", new(Channels(level), Kernel: 4, Stride: 2, Padding: 1, Bias: false)),
            $"down{level}.norm", Epsilon);

    private T Up<T>(NetworkOperations<T> ops, T x, int level, int outputs, bool bias = false) =>
        Options.Upsampling == Upsampling.Transposed
            ? ops.TransposedConvolution(x, $"up{level}.conv", new(outputs, Kernel: 4, Stride: 2, Padding: 1, Bias: bias))
            : ops.Convolution(x, $"up{level}.conv", new(outputs, Kernel: 3, Padding: 1, Bias: bias));

    private T Double<T>(NetworkOperations<T> ops, T x)
    {
        if (Options.Upsampling == Upsampling.Transposed)
            return x;
        FeatureShape shape = ops.ShapeOf(x);
        return ops.ResizeBilinear(x, shape.Height * 2, shape.Width * 2);
    }

    // Draws the face from the last features. Bilinear doubling needs one more convolution at full size to draw fine lines.
    private T Draw<T>(NetworkOperations<T> ops, T x, T input)
    {
        if (Options.Upsampling == Upsampling.Transposed)
            return Up(ops, x, level: 1, outputs: 3, bias: true);
        T y = ops.Relu(Up(ops, x, level: 1, outputs: Math.Max(1, Options.Width / 4), bias: true));
        return ops.Convolution(ops.Concatenate(Double(ops, y), input), "draw.conv", new(Outputs: 3, Kernel: 3, Padding: 1));
    }
}
