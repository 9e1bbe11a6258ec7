using IpuNet.Training.Degradation;
using IpuNet.Training.Evaluation;
using IpuNet.Training.Evaluation.Protocols;

namespace IpuNet.Training.Tests.Evaluation;

/// <summary>People in pairs, and what comes of evaluating them; made once for all tests, none of which changes it.</summary>
public sealed class EvaluatedPairs : IDisposable
{
    public EvaluatedPairs()
    {
        Plain = Evaluate(SyntheticPeople.Pipeline, People);
        Enhanced = Evaluate(People.EnhancingPipeline, People);
    }

    internal static PairsOptions Options { get; } = new() { Sizes = [new FaceSize(8, 6), new FaceSize(24, 24)], Resamples = 100 };

    internal SyntheticPeople People { get; } = new(people: 8, images: 2);

    internal PairsReport Plain { get; }

    internal PairsReport Enhanced { get; }

    public void Dispose() => People.Dispose();

    internal static PairsReport Evaluate(FacePipeline pipeline, SyntheticPeople people) =>
        new PairsEvaluation(pipeline, SyntheticPeople.Alignment).Run(Protocol(people), Options);

    /// <summary>Each person's first image against his second, and against the next person's second.</summary>
    internal static PairsProtocol Protocol(SyntheticPeople people) => new("test",
    [[
        .. Enumerable.Range(0, 8).Select(i => new FacePair(people.Image(i, 1), people.Image(i, 2), true)),
        .. Enumerable.Range(0, 8).Select(i => new FacePair(people.Image(i, 1), people.Image((i + 1) % 8, 2), false)),
    ]]);
}
