using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace IpuNet.Faces.Models;

/// <summary>Writes the image of an item into a model's input.</summary>
/// <param name="item">The item.</param>
/// <param name="target">
/// The image's place in the input: uint8 [height, width, 3], RGB, or the bytes of a <see cref="ImportedGraph"/>'s float32 [3, height,
/// width]. It holds old values.
/// </param>
/// <typeparam name="T">The type of an item.</typeparam>
public delegate void PictureWriter<in T>(T item, Span<byte> target);

/// <summary>Reads a model's outputs for a batch.</summary>
/// <param name="buffers">The outputs, valid during the call.</param>
/// <param name="first">The index of the batch's first image among all images.</param>
/// <param name="count">The number of images in the batch.</param>
public delegate void BatchReader(SessionBuffers buffers, int first, int count);

/// <summary>The memory of one run of an <see cref="OnnxSession"/>: the model's input and outputs for a batch of images.</summary>
public sealed class SessionBuffers
{
    /// <param name="input">The model's input.</param>
    /// <param name="outputs">The model's outputs by name. The first dimension of each is the batch.</param>
    /// <param name="batchSize">The number of images that fit.</param>
    internal SessionBuffers(NodeMetadata input, IEnumerable<KeyValuePair<string, NodeMetadata>> outputs, int batchSize)
    {
        Capacity = batchSize;
        Images = Tensor(input);
        Outputs = outputs.ToDictionary(o => o.Key, o => Tensor(o.Value), StringComparer.Ordinal);

        PinnedTensor Tensor(NodeMetadata metadata) => new(metadata.ElementDataType, metadata.Dimensions[1..], batchSize);
    }

    /// <summary>The number of images that fit.</summary>
    internal int Capacity { get; }

    internal PinnedTensor Images { get; }

    internal IReadOnlyDictionary<string, PinnedTensor> Outputs { get; }

    /// <summary>A uint8 output for one image, row-major.</summary>
    /// <param name="output">The output's name.</param>
    /// <param name="index">The image's index in the batch.</param>
    public ReadOnlySpan<byte> Bytes(string output, int index) => Outputs[output].Item(index);

    /// <summary>A float32 output for one image, row-major.</summary>
    /// <param name="output">The output's name.</param>
    /// <param name="index">The image's index in the batch.</param>
    public ReadOnlySpan<float> Floats(string output, int index) => MemoryMarshal.Cast<byte, float>(Outputs[output].Item(index));
}

/// <summary>
/// Memory for a batch of one input or output: [batch, ...], uint8 or float32. It is pinned, so ONNX Runtime reads and writes it in place.
/// </summary>
internal sealed class PinnedTensor
{
    private readonly byte[] _data;
    private readonly TensorElementType _type;
    private readonly long[] _shape;

    /// <param name="type">uint8 or float32.</param>
    /// <param name="shape">The shape of one item.</param>
    /// <param name="batchSize">The number of items that fit.</param>
    public PinnedTensor(TensorElementType type, IReadOnlyList<int> shape, int batchSize)
    {
        _type = type;
        _shape = [.. shape.Select(n => (long)n)];
        ItemBytes = shape.Aggregate(_type == TensorElementType.Float ? sizeof(float) : 1, (product, n) => checked(product * n));
        _data = GC.AllocateUninitializedArray<byte>(checked(ItemBytes * batchSize), pinned: true);
    }

    /// <summary>The number of items that fit.</summary>
    public int Capacity => _data.Length / ItemBytes;

    private int ItemBytes { get; }

    /// <summary>The bytes of one item.</summary>
    public Span<byte> Item(int index) => _data.AsSpan(index * ItemBytes, ItemBytes);

    /// <summary>A run of items as a value for ONNX Runtime, valid while this object lives.</summary>
    public OrtValue Slice(int first, int count)
    {
        long[] shape = [count, .. _shape];
        return OrtValue.CreateTensorValueWithData(
            OrtMemoryInfo.DefaultInstance, _type, shape, Marshal.UnsafeAddrOfPinnedArrayElement(_data, first * ItemBytes),
            (long)count * ItemBytes);
    }
}

/// <summary>Limits the number of batch sizes on a GPU, where each new size costs a choice of algorithms and memory.</summary>
internal static class BatchShapes
{
    /// <summary>Rounds a number of images up to a power of two, but not above the room.</summary>
    /// <param name="count">The number of images, at least 1.</param>
    /// <param name="room">The number of images that fit, at least <paramref name="count"/>.</param>
    public static int RoundUp(int count, int room) => (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)count), (uint)room);
}
