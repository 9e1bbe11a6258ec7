using TorchSharp;

namespace IpuNet.Training.Torch;

/// <summary>
/// Scalars for TorchSharp that outlive the call they are given to. TorchSharp frees a scalar once nothing refers to it,
/// which the garbage collector may find while native code still reads it ("Exception raised from toFloat"); a run of
/// thousands of steps meets that.
/// </summary>
internal static class RootedScalar
{
    // More than any call takes between being given a scalar and having read it, by orders of magnitude.
    private static readonly Scalar?[] Recent = new Scalar?[8192];
    private static int _next;

    /// <summary>A scalar of a value.</summary>
    public static Scalar Of(double value)
    {
        Scalar scalar = value;
        Recent[(uint)Interlocked.Increment(ref _next) % Recent.Length] = scalar;
        return scalar;
    }

    /// <summary>The square of each value. Not <c>square()</c>: TorchSharp makes a scalar for it that nobody roots.</summary>
    public static torch.Tensor Square(torch.Tensor x) => x * x;
}
