using IpuNet.Training.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace IpuNet.Training.Tests.Training;

[Collection("Torch")]
public sealed class AdamOptimiserTests
{
    [Fact]
    public void Step_SameGradients_MovesAsTorchSharpsAdamDoes()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        Tensor start = randn(4, 5);
        var ours = new Parameter(start.clone(), requires_grad: true);
        var theirs = new Parameter(start.clone(), requires_grad: true);
        using var optimiser = new AdamOptimiser([ours], beta1: 0.5);
        using var reference = optim.Adam([theirs], lr: 0.01, beta1: 0.5, beta2: 0.999);

        for (int step = 0; step < 5; step++)
        {
            Tensor direction = randn(4, 5);
            (ours * direction).sum().backward();
            optimiser.Step(step, rate: 0.01);
            reference.zero_grad();
            (theirs * direction).sum().backward();
            reference.step();
        }

        (ours - theirs).abs().max().item<float>().ShouldBeLessThan(1e-6f);
    }
}
