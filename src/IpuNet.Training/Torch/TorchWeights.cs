using IpuNet.Faces.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace IpuNet.Training.Torch;

/// <summary>
/// The weights of a network as tensors: the parameters, which gradients change, and the running statistics, which they do not.
/// </summary>
public sealed class TorchWeights : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    private TorchWeights()
    {
    }

    /// <summary>The weights by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>The parameters that gradients change, in the order of the network; empty for a frozen network.</summary>
    public IReadOnlyList<Parameter> Parameters { get; private set; } = [];

    /// <summary>Makes tensors of weights, and checks that they fit the network.</summary>
    /// <param name="network">The network.</param>
    /// <param name="weights">
    /// The weights of the network. A frozen network can take those of a served model, in which scales and batch norms are folded into the
    /// layers before them.
    /// </param>
    /// <param name="trainable">Whether gradients reach the weights.</param>
    /// <exception cref="KeyNotFoundException">A weight is missing.</exception>
    /// <exception cref="ArgumentException">A weight has another shape.</exception>
    public static TorchWeights Load(INetwork network, WeightSet weights, bool trainable)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var loaded = new TorchWeights();
        try
        {
            foreach (var declaration in WeightDeclarations.Of(network))
                loaded.Add(declaration, weights, trainable);
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
        loaded.Parameters = [.. loaded._tensors.Values.OfType<Parameter>()];
        return loaded;
    }

    /// <summary>Whether there is a weight with this name. Folded weights are missing.</summary>
    internal bool Has(string name) => _tensors.ContainsKey(name);

    private void Add(WeightDeclaration declaration, WeightSet weights, bool trainable)
    {
        if (!trainable && declaration.Foldable && !weights.TryGet(declaration.Name, out _))
            return;
        WeightTensor weight = weights[declaration.Name];
        if (!weight.Shape.SequenceEqual(declaration.Shape))
        {
            throw new ArgumentException(
                $"The weight '{declaration.Name}' is [{string.Join(", ", weight.Shape)}] but the network needs "
                + $"[{string.Join(", ", declaration.Shape)}]. Use weights that were made with the same options.");
        }
        Tensor value = tensor(weight.ToFloats(), [.. declaration.Shape.Select(n => (long)n)]).DetachFromDisposeScope();
        if (trainable && declaration.IsParameter)
            value = new Parameter(value, requires_grad: true).DetachFromDisposeScope();
        if (_tensors.Remove(declaration.Name, out Tensor? known))
            known.Dispose();
        _tensors.Add(declaration.Name, value);

        // A layer with a folded batch norm has a bias that the network does not declare.
        const string kernel = ".weight";
        if (!trainable && declaration.Role == WeightRole.Kernel && declaration.Name.EndsWith(kernel, StringComparison.Ordinal)
            && weights.TryGet($"{declaration.Name[..^kernel.Length]}.bias", out WeightTensor? bias))
            _tensors[$"{declaration.Name[..^kernel.Length]}.bias"] = tensor(bias.ToFloats()).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
        _tensors.Clear();
    }
}
