using IpuNet.CommandLine;
using IpuNet.Training.Degradation;

namespace IpuNet.Trainer.Evaluate;

/// <summary>What is asked of an evaluation; paths are complete.</summary>
internal sealed record EvaluationTask
{
    public required IReadOnlyList<string> Pairs { get; init; }

    public string? ThresholdPairs { get; init; }

    public required string Images { get; init; }

    public string? Identification { get; init; }

    public string? Calibration { get; init; }

    public string? Check { get; init; }

    public required IReadOnlyList<FaceSize> Sizes { get; init; }

    public double Far { get; init; }

    public int Pictures { get; init; }

    public required string Out { get; init; }

    public bool WritePolicy { get; init; }

    /// <exception cref="UsageException">There is nothing to measure, or a part lacks what it needs.</exception>
    public EvaluationTask Validated()
    {
        if (Pairs.Count == 0 && Identification is null && Calibration is null && ThresholdPairs is null && Check is null)
            throw new UsageException("There is nothing to measure: give --pairs, --identification or --calibrate-people.");
        if (WritePolicy && Calibration is null)
            throw new UsageException("--write-policy needs --calibrate-people: the policy is measured on people.");
        return this;
    }
}
