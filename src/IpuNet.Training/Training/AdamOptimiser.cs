using IpuNet.Training.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace IpuNet.Training.Training;

/// <summary>
/// Adam (Kingma and Ba 2015) with its two moments in reach, so that a checkpoint holds them and a resumed run goes on
/// exactly; TorchSharp's own optimiser does not give them out by name.
/// </summary>
internal sealed class AdamOptimiser : IDisposable
{
    private const double Epsilon = 1e-8;
    private const double Beta2 = 0.999;

    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly double _beta1;

    public AdamOptimiser(IReadOnlyList<Parameter> parameters, double beta1)
    {
        _parameters = parameters;
        _beta1 = beta1;
        First = [.. parameters.Select(p => zeros_like(p).DetachFromDisposeScope())];
        Second = [.. parameters.Select(p => zeros_like(p).DetachFromDisposeScope())];
    }

    /// <summary>First moments, in the parameters' order.</summary>
    public IReadOnlyList<Tensor> First { get; }

    /// <summary>Second moments, in the parameters' order.</summary>
    public IReadOnlyList<Tensor> Second { get; }

    /// <summary>Moves the parameters against their gradients, and forgets the gradients.</summary>
    /// <param name="step">The step, counted from 0.</param>
    /// <param name="rate">The learning rate.</param>
    public void Step(int step, double rate)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        double correction1 = 1 - Math.Pow(_beta1, step + 1), correction2 = 1 - Math.Pow(Beta2, step + 1);
        for (int i = 0; i < _parameters.Count; i++)
        {
            if (_parameters[i].grad is not { } gradient)
                continue;
            First[i].mul_(RootedScalar.Of(_beta1)).add_(gradient, RootedScalar.Of(1 - _beta1));
            Second[i].mul_(RootedScalar.Of(Beta2)).addcmul_(gradient, gradient, RootedScalar.Of(1 - Beta2));
            Tensor divisor = Second[i].div(RootedScalar.Of(correction2)).sqrt_().add_(RootedScalar.Of(Epsilon));
            _parameters[i].addcdiv_(First[i], divisor, RootedScalar.Of(-rate / correction1));
            gradient.zero_();
        }
    }

    public void Dispose()
    {
        foreach (var moment in First.Concat(Second))
            moment.Dispose();
    }
}
