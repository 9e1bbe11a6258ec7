using System.Numerics;

namespace IpuNet.Faces.Models;

/// <summary>The sizes of batches that a model is run with on a GPU, where each new one costs a choice of algorithms and memory.</summary>
internal static class BatchShapes
{
    /// <summary>The power of two that is not below a number of pictures, within what there is room for.</summary>
    /// <param name="count">Pictures that are to be run, at least 1.</param>
    /// <param name="room">Pictures that there is memory for, at least as many.</param>
    public static int RoundUp(int count, int room) => (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)count), (uint)room);
}
