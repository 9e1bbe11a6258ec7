using TorchSharp;

namespace IpuNet.Training.Torch;

/// <summary>
/// Makes scalars for TorchSharp that live longer than the call that uses them. TorchSharp frees a scalar as soon as nothing refers to it.
/// The garbage collector can do so while native code still reads the scalar. The error is then "Exception raised from toFloat", and a run
/// of thousands of steps meets it.
/// </summary>
internal static class RootedScalar
{
    // A call reads its scalars long before 8192 other scalars are made.
    private static readonly Scalar?[] Recent = new Scalar?[8192];
    private static int _next;

    /// <summary>Makes a scalar.</summary>
    public static Scalar Of(double value)
    {
        Scalar scalar = value;
        Recent[(uint)Interlocked.Increment(ref _next) % Recent.Length] = scalar;
        return scalar;
    }

    /// <summary>
    /// The square of each value. It replaces <c>square()</c>, because TorchSharp makes a scalar inside that and can free it too early.
    /// </summary>
    public static torch.Tensor Square(torch.Tensor x) => x * x;
}
