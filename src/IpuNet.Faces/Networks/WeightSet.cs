using System.Diagnostics.CodeAnalysis;

namespace IpuNet.Faces.Networks;

/// <summary>The weights of one network by name. <see cref="NetworkOperations{T}"/> gives the names.</summary>
public sealed class WeightSet
{
    private readonly Dictionary<string, WeightTensor> _tensors = new(StringComparer.Ordinal);

    /// <summary>The names, in the order in which they were added.</summary>
    public IEnumerable<string> Names => _tensors.Keys;

    /// <summary>Gets or sets one weight.</summary>
    /// <param name="name">The weight's name.</param>
    /// <exception cref="KeyNotFoundException">The set has no weight of this name.</exception>
    public WeightTensor this[string name]
    {
        get => _tensors.TryGetValue(name, out var tensor)
            ? tensor
            : throw new KeyNotFoundException(
                $"The network needs a weight '{name}', which the weights do not have. Choose weights that were made for this network.");
        set => _tensors[name] = value;
    }

    /// <summary>Looks up a weight.</summary>
    /// <param name="name">The weight's name.</param>
    /// <param name="tensor">Receives the weight; null if there is none of this name.</param>
    /// <returns>Whether the set has the weight.</returns>
    public bool TryGet(string name, [NotNullWhen(true)] out WeightTensor? tensor) => _tensors.TryGetValue(name, out tensor);
}
