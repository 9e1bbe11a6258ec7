using IpuNet.Faces.Alignment;
using IpuNet.Faces.Networks;
using IpuNet.Training.Data;
using IpuNet.Training.Losses;
using IpuNet.Training.Torch;
using static TorchSharp.torch;

namespace IpuNet.Training.Tests.Losses;

[Collection("Torch")]
public sealed class TrainingLossTests : IDisposable
{
    private readonly UNet _network = new(new UNetOptions { Width = 4, Dropout = 0 });
    private readonly TorchWeights _weights;
    private readonly FrozenRecogniser _recogniser;
    private readonly IdentityTargets _targets;

    public TrainingLossTests()
    {
        _weights = TorchWeights.Load(_network, WeightDeclarations.Randomise(_network, seed: 1), trainable: true);
        _recogniser = new FrozenRecogniser(new DlibResNet29(), WeightDeclarations.Randomise(new DlibResNet29(), seed: 2, deviation: 0.05f));
        var random = new Random(3);
        float[][] embeddings = [
            .. Enumerable.Range(0, 4).Select(
                _ => Enumerable.Range(0, DlibResNet29.Dimensions).Select(_ => random.NextSingle() - 0.5f).ToArray())];
        _targets = new IdentityTargets(
            embeddings, [.. Enumerable.Range(0, 4).Select(i => new TrainingFace($"{i}.png", null, $"person{i / 2}"))], personShare: 0);
    }

    [Theory]
    [InlineData(IdentityDistance.Cosine)]
    [InlineData(IdentityDistance.Mse)]
    public void Compute_IdentityWeightChanged_ChangesTheUNetsGradient(IdentityDistance kind)
    {
        float[] without = Gradient(new LossOptions { Pixel = 1, Identity = 0, IdentityKind = kind });
        float[] with = Gradient(new LossOptions { Pixel = 1, Identity = 10, IdentityKind = kind });

        Distance(with, without).ShouldBeGreaterThan(1e-3 * Distance(without, new float[without.Length]));
    }

    [Fact]
    public void Compute_EveryTerm_ReachesTheUNetAlone()
    {
        Gradient(new LossOptions { Pixel = 1, Identity = 0 }).ShouldContain(g => g != 0);
        Gradient(new LossOptions { Pixel = 0, Identity = 1 }).ShouldContain(g => g != 0);
        Gradient(new LossOptions { Pixel = 0, Identity = 0, Contrast = 1 }).ShouldContain(g => g != 0);
        Gradient(new LossOptions { Pixel = 0, Identity = 0, Perceptual = 1 }).ShouldContain(g => g != 0);
        Gradient(new LossOptions { Pixel = 0, Identity = 0, Bottleneck = 1 }).ShouldContain(g => g != 0);
        Gradient(new LossOptions { Pixel = 0, Identity = 0, BottleneckContrast = 1 }).ShouldContain(g => g != 0);
    }

    [Fact]
    public void Compute_ThroughFaceNet_ReachesTheUNet()
    {
        var faceNet = new InceptionResNetV1(new InceptionResNetOptions { Dimensions = DlibResNet29.Dimensions, Narrowing = 16 });
        using var recogniser = new FrozenRecogniser(faceNet, WeightDeclarations.Randomise(faceNet, seed: 2, deviation: 0.1f));

        Gradient(
            new LossOptions { Pixel = 0, Identity = 1, IdentityKind = IdentityDistance.Cosine }, recogniser).ShouldContain(g => g != 0);
        Gradient(new LossOptions { Pixel = 0, Identity = 0, Perceptual = 1 }, recogniser).ShouldContain(g => g != 0);
    }

    [Fact]
    public void Compute_PerfectPictures_HasNoPixelLoss()
    {
        using var scope = NewDisposeScope();
        Tensor faces = rand(2, 3, FaceAligner.Size, FaceAligner.Size) * 255;

        var terms = Sut(new LossOptions { Pixel = 5, Identity = 1 }).Compute(step: 0, faces, faces, null, [0, 1], new Random(1));

        terms.Single(t => t.Name == "pixel").Value.item<float>().ShouldBe(0);
    }

    [Fact]
    public void Compute_BeforeTheRecognisersTurn_LeavesItsTermsOut()
    {
        using var scope = NewDisposeScope();
        Tensor faces = rand(2, 3, FaceAligner.Size, FaceAligner.Size) * 255;

        var terms = Sut(
            new LossOptions { Pixel = 5, Identity = 1, RecogniserFrom = 1 }).Compute(step: 0, faces, faces, null, [0, 1], new Random(1));

        terms.Select(t => t.Name).ShouldBe(["pixel"]);
    }

    [Fact]
    public void Contrast_OtherPicturesOfThePerson_DoNotCount()
    {
        using var scope = NewDisposeScope();
        float[] a = [1, 0], b = [0, 1];
        using var alone = new IdentityTargets([a, b], [Face("x"), Face("y")], personShare: 0);
        using var twice = new IdentityTargets([a, b, a], [Face("x"), Face("y"), Face("x")], personShare: 0);
        Tensor probe = tensor(new float[] { 1, 0.2f }, [1, 2]);

        float one = alone.Contrast(probe, [0], temperature: 0.5).item<float>();

        twice.Contrast(probe, [0], temperature: 0.5).item<float>().ShouldBe(one, 1e-6);
    }

    [Fact]
    public void Of_FullPersonShare_AimsAtThePersonsMean()
    {
        using var scope = NewDisposeScope();
        using var targets = new IdentityTargets([[1, 0], [0, 1], [5, 5]], [Face("x"), Face("x"), Face("y")], personShare: 1);

        targets.Of([0]).data<float>().ToArray().ShouldBe([0.5f, 0.5f]);
    }

    public void Dispose()
    {
        _weights.Dispose();
        _recogniser.Dispose();
        _targets.Dispose();
    }

    private static TrainingFace Face(string person) => new("a.png", null, person);

    private TrainingLoss Sut(LossOptions options, FrozenRecogniser? recogniser = null) =>
        new(options, new ViewOptions(), recogniser ?? _recogniser, _targets);

    private float[] Gradient(LossOptions options, FrozenRecogniser? recogniser = null)
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        Tensor originals = rand(2, 3, FaceAligner.Size, FaceAligner.Size) * 255;
        IReadOnlyList<Tensor> outputs = _network.Forward(
            new TorchOperations(_weights, training: true), rand(2, 3, FaceAligner.Size, FaceAligner.Size) * 255);
        Tensor predicted = outputs[1].flatten(1).narrow(1, 0, 1).expand(
            -1, DlibResNet29.Dimensions) + arange(DlibResNet29.Dimensions) * 0.01;
        var terms = Sut(options, recogniser).Compute(step: 0, outputs[0], originals, predicted, [0, 1], new Random(1));
        terms.Select(t => t.Value).Aggregate((a, b) => a + b).backward();
        Tensor gradient = _weights.Tensors["down1.conv.weight"].grad!;
        float[] values = gradient.data<float>().ToArray();
        foreach (var parameter in _weights.Parameters)
            parameter.grad?.zero_();
        return values;
    }

    private static double Distance(float[] a, float[] b) => Math.Sqrt(a.Zip(b, (x, y) => (double)(x - y) * (x - y)).Sum());
}
