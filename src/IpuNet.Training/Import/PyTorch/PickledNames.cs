namespace IpuNet.Training.Import.PyTorch;

/// <summary>The few names that a dictionary of tensors refers to, and what is made where it would call them.</summary>
internal static class PickledNames
{
    private static readonly PickledName OrderedDictionary = new("collections", "OrderedDict");
    private static readonly PickledName Tensor = new("torch._utils", "_rebuild_tensor_v2");
    private static readonly PickledName Parameter = new("torch._utils", "_rebuild_parameter");

    private static readonly HashSet<PickledName> Known =
    [
        OrderedDictionary, Tensor, Parameter,
        .. from type in (string[])["Float", "Double", "Half", "Long", "Int", "Short", "Char", "Byte", "Bool"] select new PickledName("torch", $"{type}Storage"),
    ];

    /// <summary>A name that may be referred to.</summary>
    /// <exception cref="FormatException">It may not.</exception>
    public static PickledName Require(PickledName name) => Known.Contains(name)
        ? name
        : throw new FormatException($"it refers to '{name.Module}.{name.Name}', which no dictionary of tensors needs; it may be made to do harm");

    /// <summary>What a call makes.</summary>
    /// <exception cref="FormatException">The name cannot be called, or the arguments do not fit.</exception>
    public static object? Make(PickledName name, object?[] arguments)
    {
        if (name == OrderedDictionary && arguments.Length == 0)
            return new Dictionary<string, object?>(StringComparer.Ordinal);
        if (name == Parameter && arguments is [PickledTensor tensor, ..])
            return tensor;
        if (name == Tensor && arguments is [PickledStorage storage, long offset, object?[] shape, object?[] strides, ..] && shape.Length == strides.Length && shape.Length <= 8)
            return Checked(new PickledTensor(storage, offset, Numbers(shape), Numbers(strides)));
        throw new FormatException($"it calls '{name.Module}.{name.Name}' with what that does not take");
    }

    /// <summary>The storage that a persistent id stands for: ("storage", class, key, device, count, ...).</summary>
    /// <exception cref="FormatException">It is no such id.</exception>
    public static PickledStorage Storage(object? id) => id is object?[] and ["storage", PickledName { Module: "torch" } type, string key, string, long count and >= 0, ..]
        ? new PickledStorage(key, type.Name, count)
        : throw new FormatException("it refers to something outside that is no storage of a tensor");

    private static long[] Numbers(object?[] values) => [.. values.Select(v => v is long n and >= 0 ? n : throw new FormatException("a tensor has a size that is no number"))];

    private static PickledTensor Checked(PickledTensor tensor)
    {
        try
        {
            // Of an empty tensor nothing is read; of others, the farthest value must be inside.
            long last = tensor.Shape.Contains(0) ? -1 : tensor.Shape.Zip(tensor.Strides).Aggregate(tensor.Offset, (sum, d) => checked(sum + (d.First - 1) * d.Second));
            long count = tensor.Shape.Aggregate(1L, (product, n) => checked(product * n));
            return tensor.Offset >= 0 && last < tensor.Storage.Count && count <= tensor.Storage.Count
                ? tensor
                : throw new FormatException("a tensor reaches beyond its storage");
        }
        catch (OverflowException)
        {
            throw new FormatException("a tensor has a size beyond all numbers");
        }
    }
}
