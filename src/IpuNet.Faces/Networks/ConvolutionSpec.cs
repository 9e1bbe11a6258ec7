namespace IpuNet.Faces.Networks;

/// <summary>
/// The geometry of a convolution. The stride is the same in both directions. The weights are [out, in / groups, height, width].
/// </summary>
/// <param name="Outputs">The number of output channels.</param>
/// <param name="Kernel">Kernel size in pixels.</param>
/// <param name="Stride">Stride in pixels.</param>
/// <param name="Padding">Zeros added on each side, in pixels.</param>
/// <param name="Bias">Whether a bias [out] is added.</param>
/// <param name="Groups">The number of channel groups. One group per input channel makes the convolution depthwise.</param>
/// <param name="Dilation">The distance of the kernel's pixels in the input, in pixels. 1 is a plain convolution.</param>
public readonly record struct ConvolutionSpec(
    int Outputs, KernelSize Kernel, int Stride = 1, Edges Padding = default, bool Bias = true, int Groups = 1, int Dilation = 1)
{
    /// <summary>TensorFlow's "SAME" padding for an input. An odd pixel goes right or below.</summary>
    public static Edges Same(FeatureShape input, int kernel, int stride)
    {
        int vertical = Total(input.Height), horizontal = Total(input.Width);
        return new Edges(horizontal / 2, vertical / 2, horizontal - horizontal / 2, vertical - vertical / 2);

        int Total(int size) => Math.Max(0, ((size + stride - 1) / stride - 1) * stride + kernel - size);
    }

    /// <summary>The output shape of the transposed convolution.</summary>
    public FeatureShape ApplyTransposed(FeatureShape input) => new(
        Outputs,
        (input.Height - 1) * Stride + Kernel.Height - Padding.Top - Padding.Bottom,
        (input.Width - 1) * Stride + Kernel.Width - Padding.Left - Padding.Right);

    /// <summary>The output shape of the convolution.</summary>
    public FeatureShape Apply(FeatureShape input) => new(
        Outputs,
        (input.Height + Padding.Top + Padding.Bottom - Reach(Kernel.Height)) / Stride + 1,
        (input.Width + Padding.Left + Padding.Right - Reach(Kernel.Width)) / Stride + 1);

    private int Reach(int kernel) => (kernel - 1) * Dilation + 1;
}

/// <summary>Size of a kernel in pixels.</summary>
public readonly record struct KernelSize(int Height, int Width)
{
    /// <summary>The number of pixels of the kernel.</summary>
    public int Area => Height * Width;

    /// <summary>A square kernel.</summary>
    public static implicit operator KernelSize(int side) => new(side, side);

    /// <summary>A square kernel.</summary>
    public static KernelSize FromInt32(int side) => side;
}

/// <summary>Pixels added at the edges of a feature map.</summary>
public readonly record struct Edges(int Left, int Top, int Right, int Bottom)
{
    /// <summary>The same number of pixels on every side.</summary>
    public static implicit operator Edges(int all) => new(all, all, all, all);

    /// <summary>The same number of pixels on every side.</summary>
    public static Edges FromInt32(int all) => all;
}

/// <summary>The shape of a feature map without the batch dimension: [channels, height, width]. A vector is [n, 1, 1].</summary>
public readonly record struct FeatureShape(int Channels, int Height, int Width)
{
    /// <inheritdoc/>
    public override string ToString() => $"[{Channels}, {Height}, {Width}]";
}
