namespace IpuNet.Training.Import.PyTorch;

/// <summary>A piece of memory that a checkpoint stores.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Type">PyTorch's name of its class, such as "FloatStorage".</param>
/// <param name="Count">How many values it has.</param>
internal sealed record PickledStorage(string Key, string Type, long Count);

/// <summary>A tensor as a checkpoint describes it: a view of a storage.</summary>
/// <param name="Storage">Where its values are.</param>
/// <param name="Offset">The first of them.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Strides">How far apart neighbours lie, in values, for each dimension.</param>
internal sealed record PickledTensor(PickledStorage Storage, long Offset, long[] Shape, long[] Strides);

/// <summary>A name that a pickle refers to. Nothing of that name is ever looked for, let alone called.</summary>
internal sealed record PickledName(string Module, string Name);

/// <summary>Where a list, tuple or dictionary begins on the stack.</summary>
internal sealed class PickleMark
{
    public static PickleMark Instance { get; } = new();
}
