using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace IpuNet.Faces.Models;

/// <summary>
/// Memory for a batch of one input or output that ONNX Runtime reads and writes in place: [batch, ...], uint8 or float32.
/// </summary>
internal sealed class PinnedTensor
{
    private readonly byte[] _data;
    private readonly TensorElementType _type;
    private readonly long[] _shape;

    /// <param name="type">uint8 or float32.</param>
    /// <param name="shape">The shape of one item.</param>
    /// <param name="batchSize">How many items there is room for.</param>
    public PinnedTensor(TensorElementType type, IReadOnlyList<int> shape, int batchSize)
    {
        _type = type;
        _shape = [.. shape.Select(n => (long)n)];
        ItemBytes = shape.Aggregate(_type == TensorElementType.Float ? sizeof(float) : 1, (product, n) => checked(product * n));
        _data = GC.AllocateUninitializedArray<byte>(checked(ItemBytes * batchSize), pinned: true);
    }

    /// <summary>How many items there is room for.</summary>
    public int Capacity => _data.Length / ItemBytes;

    private int ItemBytes { get; }

    /// <summary>The bytes of one item.</summary>
    public Span<byte> Item(int index) => _data.AsSpan(index * ItemBytes, ItemBytes);

    /// <summary>Some of the items as ONNX Runtime's value; valid while this object lives.</summary>
    public OrtValue Slice(int first, int count)
    {
        long[] shape = [count, .. _shape];
        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, _type, shape, Marshal.UnsafeAddrOfPinnedArrayElement(_data, first * ItemBytes), (long)count * ItemBytes);
    }
}
