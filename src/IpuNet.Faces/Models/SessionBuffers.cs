using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace IpuNet.Faces.Models;

/// <summary>Makes a picture where a model reads it.</summary>
/// <param name="item">What the picture is made of.</param>
/// <param name="target">[height, width, 3], RGB, or as a foreign graph wants it; holds an older picture.</param>
public delegate void PictureWriter<in T>(T item, Span<byte> target);

/// <summary>Takes what a model made of a batch.</summary>
/// <param name="buffers">The outputs; valid during the call.</param>
/// <param name="first">The place of the batch's first picture among all.</param>
/// <param name="count">How many pictures the batch has.</param>
public delegate void BatchReader(SessionBuffers buffers, int first, int count);

/// <summary>The memory of one run of an <see cref="OnnxSession"/>: a batch of pictures, and what the model makes of them.</summary>
public sealed class SessionBuffers
{
    /// <param name="input">The model's input.</param>
    /// <param name="outputs">Its outputs by name. The first dimension of each is the batch.</param>
    /// <param name="batchSize">How many pictures there is room for.</param>
    internal SessionBuffers(NodeMetadata input, IEnumerable<KeyValuePair<string, NodeMetadata>> outputs, int batchSize)
    {
        Capacity = batchSize;
        Images = Tensor(input);
        Outputs = outputs.ToDictionary(o => o.Key, o => Tensor(o.Value), StringComparer.Ordinal);

        PinnedTensor Tensor(NodeMetadata metadata) => new(metadata.ElementDataType, metadata.Dimensions[1..], batchSize);
    }

    /// <summary>How many pictures there is room for.</summary>
    internal int Capacity { get; }

    internal PinnedTensor Images { get; }

    internal IReadOnlyDictionary<string, PinnedTensor> Outputs { get; }

    /// <summary>An 8-bit output of one picture.</summary>
    /// <param name="output">The output's name.</param>
    /// <param name="index">The picture's place in the batch.</param>
    public ReadOnlySpan<byte> Bytes(string output, int index) => Outputs[output].Item(index);

    /// <summary>A float output of one picture, row-major.</summary>
    /// <param name="output">The output's name.</param>
    /// <param name="index">The picture's place in the batch.</param>
    public ReadOnlySpan<float> Floats(string output, int index) => MemoryMarshal.Cast<byte, float>(Outputs[output].Item(index));
}
