using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace IpuNet.Training.Torch;

/// <summary>Moves values between tensors and arrays.</summary>
internal static class TensorBytes
{
    /// <summary>Copies the values of a float tensor to an array, row-major.</summary>
    public static float[] ReadFloats(Tensor source)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Tensor flat = source.detach().to(float32).cpu().contiguous();
        return MemoryMarshal.Cast<byte, float>(flat.bytes).ToArray();
    }

    /// <summary>Overwrites the values of a float tensor from an array, row-major.</summary>
    public static void WriteFloats(Tensor target, float[] values)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        target.copy_(tensor(values, target.shape));
    }
}
