namespace IpuNet.Faces.Networks;

/// <summary>How a convolution moves over its input. Strides are the same in both directions; weights are [out, in / groups, height, width].</summary>
/// <param name="Outputs">Output channels.</param>
/// <param name="Kernel">Kernel size in pixels.</param>
/// <param name="Stride">Stride in pixels.</param>
/// <param name="Padding">Zeros added on each side.</param>
/// <param name="Bias">Whether a bias [out] is added.</param>
/// <param name="Groups">Channel groups; as many as input channels makes it depthwise.</param>
public readonly record struct ConvolutionSpec(int Outputs, KernelSize Kernel, int Stride = 1, Edges Padding = default, bool Bias = true, int Groups = 1)
{
    /// <summary>The padding of TensorFlow's "SAME" for an input of a given size: what is odd goes right and below.</summary>
    public static Edges Same(FeatureShape input, int kernel, int stride)
    {
        int vertical = Total(input.Height), horizontal = Total(input.Width);
        return new Edges(horizontal / 2, vertical / 2, horizontal - horizontal / 2, vertical - vertical / 2);

        int Total(int size) => Math.Max(0, ((size + stride - 1) / stride - 1) * stride + kernel - size);
    }

    /// <summary>The shape that this convolution makes of an input when it is transposed.</summary>
    public FeatureShape ApplyTransposed(FeatureShape input) => new(
        Outputs,
        (input.Height - 1) * Stride + Kernel.Height - Padding.Top - Padding.Bottom,
        (input.Width - 1) * Stride + Kernel.Width - Padding.Left - Padding.Right);

    /// <summary>The shape that this convolution makes of an input.</summary>
    public FeatureShape Apply(FeatureShape input) => new(
        Outputs,
        (input.Height + Padding.Top + Padding.Bottom - Kernel.Height) / Stride + 1,
        (input.Width + Padding.Left + Padding.Right - Kernel.Width) / Stride + 1);
}

/// <summary>Size of a kernel in pixels.</summary>
public readonly record struct KernelSize(int Height, int Width)
{
    /// <summary>Pixels of the kernel.</summary>
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
