using System.Diagnostics.CodeAnalysis;

namespace IpuNet.Faces.Networks;

/// <summary>The weights of one network by name, as <see cref="NetworkOperations{T}"/> asks for them.</summary>
public sealed class WeightSet
{
    private readonly Dictionary<string, WeightTensor> _tensors = new(StringComparer.Ordinal);

    /// <summary>The names, in the order they were added.</summary>
    public IEnumerable<string> Names => _tensors.Keys;

    /// <summary>How many values all tensors have together.</summary>
    public long ParameterCount => _tensors.Values.Sum(t => (long)t.Count);

    /// <summary>Reads or writes one weight.</summary>
    /// <exception cref="KeyNotFoundException">The set has no weight of this name.</exception>
    public WeightTensor this[string name]
    {
        get => _tensors.TryGetValue(name, out var tensor)
            ? tensor
            : throw new KeyNotFoundException($"The network asks for a weight '{name}' that the weights do not have. Were they made for another network?");
        set => _tensors[name] = value;
    }

    /// <summary>Looks a weight up.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out WeightTensor? tensor) => _tensors.TryGetValue(name, out tensor);
}
